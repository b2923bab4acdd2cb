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
  "route" VARCHAR(1024),
  "route_2" VARCHAR(1024),
  "fuel" DOUBLE PRECISION,
  "speed_2" DOUBLE PRECISION,
  "doors ""open""" BOOLEAN,
  "gone" VARCHAR(1024),
  PRIMARY KEY ("epoch", "seq")
)
DISTSTYLE AUTO
SORTKEY ("time");

-- Once for each manifest; the next one's range begins where the last one's ended.
COPY "buses"
  FROM 's3://events/manifests/raw/fleet/<manifest>'
  IAM_ROLE default
  MANIFEST
  FORMAT AS JSON 'auto'
  GZIP
  TIMEFORMAT 'epochmillisecs'
  REGION 'eu-central-1';
