CREATE TABLE IF NOT EXISTS "buses" (
  "epoch" BIGINT NOT NULL,
  "seq" BIGINT NOT NULL,
  "id" VARCHAR(128),
  "key" VARCHAR(128) NOT NULL,
  "time" TIMESTAMP NOT NULL,
  "accepted_at" TIMESTAMP NOT NULL,
  "lat" DOUBLE PRECISION,
  "lon" DOUBLE PRECISION,
  "heading" DOUBLE PRECISION,
  "speed" DOUBLE PRECISION,
  "altitude" DOUBLE PRECISION,
  "accuracy" DOUBLE PRECISION,
  "removed" VARCHAR(4290),
  "route" VARCHAR(1024),
  "fuel" DOUBLE PRECISION,
  "fuel_text" VARCHAR(1024),
  "doors ""open""" BOOLEAN,
  PRIMARY KEY ("epoch", "seq")
)
DISTSTYLE AUTO
SORTKEY ("time");

-- Once for each manifest; the next one's range begins where the last one's ended.
COPY "buses"
  FROM 's3://events/manifests/raw/fleet/<manifest>'
  IAM_ROLE default
  MANIFEST
  FORMAT AS PARQUET
  FILLRECORD;
