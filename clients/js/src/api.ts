// Made by types.mjs from the API's description. Do not change it by hand.
export interface paths {
    "/alarms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listAlarms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/alarms/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listAlarmEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getItem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items/{key}/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getItemSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items/{key}/track": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getItemTrack"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/items/{key}/trips": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getItemTrips"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/scores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getScores"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What there is to say beside the rows. */
        AboutScores: {
            /** @description `public`, or `live` for managers. */
            audience: string;
            /** @description What is given to whom. Lists of keys are left out while something is hidden. */
            awards?: components["schemas"]["AwardRule"][];
            /** @description The columns; the first decides first. */
            columns: components["schemas"]["ScoreColumn"][];
            /** @description Whether the public sees the board as of a freeze. */
            frozen: boolean;
            /** @description Values of each grouping. */
            groups: {
                [key: string]: string[];
            };
            /**
             * Format: double
             * @description How far a ranking by new rules is, from 0 to 1.
             */
            rebuilding: number | null;
            /** @description The key whose row was revealed last, while others are not. */
            resolving?: string | null;
            /** @description The session's id, or `all`. */
            scope: string;
            /** @description The session that is shown. */
            session: components["schemas"]["Session"] | null;
            /** @description All sessions. */
            sessions: components["schemas"]["Session"][];
            /** @description The tasks that rows have cells for, where the rules list some. */
            tasks?: components["schemas"]["ScoreTask"][] | null;
            /** @description Who is ahead when all columns are equal. */
            ties: components["schemas"]["Ties"];
            /** @description Which stretch of time is counted. */
            window: components["schemas"]["TimeWindow"] | null;
        };
        /** @description Something that happened to an alarm. */
        AlarmEvent: {
            /**
             * Format: uint64
             * @description The number of the event that raised the alarm.
             */
            alarm: number;
            /** @description Who did it, where somebody did. */
            by?: string | null;
            /**
             * Format: uint64
             * @description Its number on the board: later ones are greater.
             */
            id: number;
            /** @description The item, or the key of the ranking. */
            key: string;
            /** @description What happened. */
            kind: components["schemas"]["AlarmEventKind"];
            /** @description Whether the alarm was muted when it was raised: then no webhook tells of it. */
            muted?: boolean;
            /** @description What the rule was called then, or its id. */
            name: string;
            /** @description Why. */
            reason: components["schemas"]["AlarmReason"];
            /** @description When the board learned of it, by its own clock. */
            received_at: components["schemas"]["Millis"];
            /** @description The rule's id. */
            rule: string;
            /** @description What the item had in the columns of the rule: `temp=81.5`. */
            seen: string;
            /** @description How grave it was then. */
            severity: components["schemas"]["AlarmSeverity"];
            /** @description When, as event time; by the board's clock where no event did it. */
            time: components["schemas"]["Millis"];
        };
        /** @description What happened. */
        AlarmEventKind: "raise" | "clear" | "acknowledge";
        /** @description A page of what happened, the newest first. */
        AlarmEvents: {
            /** @description As of when. */
            cursor: string;
            /** @description They. */
            events: components["schemas"]["AlarmEvent"][];
            /**
             * Format: uint64
             * @description What to send as `after` for what is older; null when there is no more.
             */
            next: number | null;
        };
        /** @description A page of the alarms that stand, the newest first. */
        AlarmList: {
            /** @description They. */
            alarms: components["schemas"]["StandingAlarm"][];
            /**
             * Format: uint
             * @description How many stand, whatever was asked for.
             */
            count: number;
            /** @description As of when. */
            cursor: string;
            /** @description What is muted. */
            muted: components["schemas"]["AlarmMute"][];
            /**
             * Format: uint64
             * @description What to send as `after` for what is older; null when there is no more.
             */
            next: number | null;
            /**
             * Format: uint64
             * @description How often one could not be raised, since as many stood as may.
             */
            not_raised: number;
        };
        /** @description What is muted. */
        AlarmMute: {
            /** @description The item; absent: all of them. */
            key?: string | null;
            /** @description The rule; absent: all of them. */
            rule?: string | null;
            /** @description Until when. */
            until: components["schemas"]["Millis"];
        };
        /** @description Why it happened. */
        AlarmReason: "rule" | "ended" | "rule_changed" | "rule_deleted" | "person";
        /** @description Who has seen an alarm. */
        AlarmSeenBy: {
            /** @description When. */
            at: components["schemas"]["Millis"];
            /** @description Who. */
            by: string;
        };
        /** @description How grave an alarm is. */
        AlarmSeverity: "info" | "warning" | "critical";
        /** @description An award of a board. */
        AwardRule: {
            /** @description What it is given for, in words for people. */
            citation?: string | null;
            /** @description Its id, such as `gold-medal`, `winner`, `first-to-solve-A`, or one of your own. */
            id: string;
            /** @description Or it goes to these keys. */
            keys?: string[];
            /** @description It goes to these ranks, the first and the last of them. */
            ranks?: number[] | null;
        };
        /** @description The answer of `…/series`. */
        BoardSeries: {
            /** @description As of when. */
            cursor: components["schemas"]["Cursor"];
            /** @description The number; null: every event counts. */
            field: string | null;
            /** @description When the first bucket begins. */
            from: components["schemas"]["Millis"];
            /** @description What the groups are made by. */
            group_by: string | null;
            /** @description The groups, by name. */
            groups: components["schemas"]["SeriesGroup"][];
            /** @description The length of a bucket. */
            step: components["schemas"]["SeriesStep"];
            /** @description When the last bucket ends. */
            to: components["schemas"]["Millis"];
        };
        /** @description A stretch of the calendar. */
        CalendarPeriod: "day" | "week" | "month";
        /**
         * @description A position in the board's log: the number of its life and of the last event that is included.
         * @example e1:1042
         */
        Cursor: string;
        /** @description Which end is the top. */
        Direction: "desc" | "asc";
        /** @description One record that comes in. */
        Event: {
            /**
             * @description What was measured or said, at most 64 values; null removes a field from the item.
             * @default null
             */
            fields?: {
                [key: string]: components["schemas"]["Value"] | null;
            } | null;
            /**
             * @description Makes a repetition a duplicate.
             * @default null
             */
            id?: components["schemas"]["Name"] | null;
            /** @description The item that it is about. */
            key: components["schemas"]["Name"];
            /**
             * @description Where the item was.
             * @default null
             */
            position?: components["schemas"]["Position"] | null;
            /**
             * @description When it happened; when it arrives, if it says nothing.
             * @default null
             */
            time?: components["schemas"]["Moment"] | null;
        };
        /** @description One thing wrong with one field. */
        FieldError: {
            /** @description The stable code. */
            code: string;
            /** @description Where: a path such as `position.lat` or `rules.bounds`. */
            field: string;
            /** @description What is wrong and how to mend it. */
            message: string;
        };
        /** @description A number field over all items, as they are now. */
        FieldSummary: {
            /**
             * Format: double
             * @description The mean.
             */
            average: number;
            /**
             * Format: uint64
             * @description Items that have it.
             */
            items: number;
            /**
             * Format: double
             * @description The largest.
             */
            max: number;
            /** @description Who has the largest; of several the first by key. */
            max_key: string;
            /**
             * Format: double
             * @description The smallest.
             */
            min: number;
            /** @description Who has the smallest; of several the first by key. */
            min_key: string;
        };
        /** @description How full storage is. */
        Fill: "roomy" | "nearly_full" | "full";
        /** @description The answer to an ingest request. `results` lists only what was not accepted. */
        IngestAnswer: {
            /**
             * Format: uint32
             * @description Events that are durable now.
             */
            accepted: number;
            /**
             * Format: uint32
             * @description Values that were dropped of accepted events: parts of positions that are no measurements, and what the board's
             *     `no_data` rule names.
             */
            cleaned?: number;
            /** @description The same by code. */
            cleaned_by?: {
                [key: string]: number;
            };
            /** @description The board's cursor after this request. */
            cursor: string;
            /**
             * Format: uint32
             * @description Events that the board had already.
             */
            duplicate: number;
            /**
             * Format: uint32
             * @description Records that a step of the board's pipeline filtered.
             */
            filtered?: number;
            /**
             * Format: uint32
             * @description Accepted events that are older than their item's state: kept, but the item did not change.
             */
            late?: number;
            /**
             * Format: uint32
             * @description Records that went into another record's event.
             */
            merged?: number;
            /**
             * Format: uint32
             * @description Records that were refused.
             */
            refused: number;
            /** @description The records that were not accepted. */
            results: components["schemas"]["RecordResult"][];
        };
        /** @description The latest state of one key. */
        Item: {
            /** @description The latest value of every field; left out when only other columns were asked for. */
            fields?: {
                [key: string]: components["schemas"]["Value"];
            };
            /** @description The key. */
            key: string;
            /** @description The latest position. */
            position?: components["schemas"]["Position"] | null;
            /**
             * Format: uint64
             * @description The number of the last event that changed it.
             */
            seq: number;
            /** @description Event time of the last event that counted. */
            time: components["schemas"]["Millis"];
        };
        /** @description The answer of `…/items/{key}/series`. */
        ItemSeries: {
            /** @description As of when. */
            cursor: components["schemas"]["Cursor"];
            /** @description The number; null: every event counts. */
            field: string | null;
            /** @description When the first bucket begins. */
            from: components["schemas"]["Millis"];
            /** @description The item. */
            key: string;
            /** @description The buckets, in order. */
            points: components["schemas"]["SeriesPoint"][];
            /** @description The length of a bucket. */
            step: components["schemas"]["SeriesStep"];
            /** @description When the last bucket ends. */
            to: components["schemas"]["Millis"];
        };
        /** @description A page of items. */
        ItemsPage: {
            /** @description As of when. */
            cursor: components["schemas"]["Cursor"];
            /** @description With `since`, on the first page: the keys of items that ended after that cursor. */
            ended?: string[] | null;
            /** @description In the order in which keys first appeared. */
            items: components["schemas"]["Item"][];
            /** @description For `after`, when there is another page. */
            next: string | null;
        };
        /** @description What is said of a board's dead letters. */
        LettersView: {
            /**
             * Format: uint64
             * @description How many made room for others since the board began.
             */
            dropped: number;
        };
        /**
         * Format: int64
         * @description Milliseconds since 1970-01-01T00:00:00Z.
         */
        Millis: number;
        /** @description RFC 3339, or epoch milliseconds; without a zone it is UTC. */
        Moment: string | components["schemas"]["Millis"];
        /** @description Text, or a whole number of which every digit is known. */
        Name: string | number;
        /** @description A parameter that a caller may give. */
        Parameter: {
            /** @description Its value when the caller gives none. */
            default?: string | null;
            /**
             * @description What it is.
             * @default text
             */
            type: components["schemas"]["ParameterKind"];
        };
        /** @description What a parameter is. */
        ParameterKind: "text" | "number" | "time";
        /** @description Where a session is in its life. */
        Phase: "created" | "open" | "frozen" | "closed" | "revealing" | "revealed";
        /** @description WGS 84 position with what a device may know beside it. */
        Position: {
            /**
             * Format: double
             * @description Radius in metres, kept to 0.1.
             */
            accuracy?: number | null;
            /**
             * Format: double
             * @description Metres, kept to 0.1.
             */
            altitude?: number | null;
            /**
             * Format: double
             * @description Degrees clockwise from north, kept to 0.01.
             */
            heading?: number | null;
            /**
             * Format: double
             * @description Degrees north, kept to 0.000001.
             */
            lat: number;
            /**
             * Format: double
             * @description Degrees east, kept to 0.000001.
             */
            lon: number;
            /**
             * Format: double
             * @description m/s, kept to 0.01.
             */
            speed?: number | null;
        };
        /** @description RFC 9457 problem details, with a stable `code`. */
        Problem: {
            /** @description The stable code. */
            code: string;
            /** @description What happened and how to mend it. */
            detail: string;
            /** @description The fields that are wrong, where it is about fields. */
            errors?: components["schemas"]["FieldError"][];
            /**
             * Format: uint32
             * @description Seconds to wait before trying again, sent as `Retry-After` too.
             */
            retry_after_s?: number | null;
            /**
             * Format: uint16
             * @description The HTTP status.
             */
            status: number;
            /** @description The status' name. */
            title: string;
            /** @description The trace of the request, by which the operator's log has it. */
            trace?: string | null;
            /** @description A URI reference that names the kind: the code's entry in the documentation. */
            type: string;
        };
        /** @description Events a second. */
        Rates: {
            /**
             * Format: double
             * @description In the last ten minutes.
             */
            "10m": number;
            /**
             * Format: double
             * @description In the last hour.
             */
            "1h": number;
            /**
             * Format: double
             * @description In the last minute.
             */
            "1m": number;
        };
        /** @description What became of one record that was not accepted. */
        RecordResult: {
            /** @description The stable code of a refusal. */
            code?: string | null;
            /** @description The field that is wrong. */
            field?: string | null;
            /**
             * Format: uint32
             * @description The record's place in the request, from 0.
             */
            index: number;
            /** @description What is wrong and how to mend it. */
            message?: string | null;
            /** @description `duplicate` or `refused`. */
            status: components["schemas"]["RecordStatus"];
            /** @description The pipeline's step that refused it. */
            step?: string | null;
        };
        /** @description Why a record was not accepted. */
        RecordStatus: "duplicate" | "refused";
        /** @description What a key did at a task. */
        ScoreCell: {
            /**
             * Format: double
             * @description The minute of the right one.
             */
            minute: number | null;
            /**
             * Format: uint32
             * @description Attempts that are not judged, or of which the public may know only that there are so many.
             */
            pending: number;
            /**
             * Format: uint32
             * @description Judged attempts: wrong ones before the right one, and the right one; all wrong ones while there is none.
             */
            tries: number;
        };
        /** @description A column of a ranking. */
        ScoreColumn: {
            /** @description Which end is the top. */
            direction: components["schemas"]["Direction"];
            /** @description For people. */
            label: string;
            /** @description Its name. */
            name: string;
            /** @description Behind the value. */
            unit: string | null;
        };
        /** @description A row of a ranking. */
        ScoreRow: {
            /** @description With `cells=true`: one for each task, null where nothing was tried. */
            cells?: (components["schemas"]["ScoreCell"] | null)[] | null;
            /** @description One for each grouping. */
            groups: (string | null)[];
            /** @description The key. */
            key: string;
            /** @description For people; the key when there is none. */
            name: string;
            /**
             * Format: uint32
             * @description The place in the list, from 1.
             */
            position: number;
            /**
             * Format: uint32
             * @description The rank; tied rows may share it.
             */
            rank: number;
            /** @description When these values were reached. */
            reached: components["schemas"]["Millis"] | null;
            /** @description Whether the row before or behind is equal in all columns. */
            tied: boolean;
            /** @description One for each column; null where nothing was counted. */
            values: (number | null)[];
        };
        /** @description A task of a contest. */
        ScoreTask: {
            /** @description Its colour. */
            color: string | null;
            /** @description With `cells=true`: the key that solved it first; null while nobody has. */
            first?: string | null;
            /** @description Its value in the field that names the task. */
            id: components["schemas"]["Value"];
            /** @description Its letter. */
            label: string;
            /** @description Its name for people. */
            title: string | null;
        };
        /** @description A page of a ranking. */
        ScoresPage: {
            /** @description What there is to say beside the rows. */
            about: components["schemas"]["AboutScores"];
            /** @description The rows around the key that was asked for. */
            around?: components["schemas"]["ScoreRow"][] | null;
            /** @description Names of the columns. */
            columns: string[];
            /** @description As of when. */
            cursor: components["schemas"]["Cursor"];
            /**
             * Format: uint32
             * @description The `offset` of the next page, when there is one.
             */
            next: number | null;
            /**
             * Format: double
             * @description The share of the others that the key is ahead of; null without a rank.
             */
            percentile?: number | null;
            /** @description The rows from `offset` on. */
            rows: components["schemas"]["ScoreRow"][];
            /**
             * Format: uint32
             * @description How many rows there are in all.
             */
            total: number;
        };
        /** @description A group of a board's series. */
        SeriesGroup: {
            /** @description Its name; null: all items, or those without a value. */
            group: string | null;
            /** @description The buckets, in order. */
            points: components["schemas"]["SeriesPoint"][];
        };
        /** @description A bucket as it is answered. Buckets without numbers have no point. */
        SeriesPoint: {
            /**
             * Format: double
             * @description The mean.
             */
            average?: number | null;
            /**
             * Format: uint64
             * @description How many numbers, or events.
             */
            count: number;
            /**
             * Format: double
             * @description The one with the earliest event time.
             */
            first?: number | null;
            /**
             * Format: double
             * @description The one with the latest event time.
             */
            last?: number | null;
            /**
             * Format: double
             * @description The largest.
             */
            max?: number | null;
            /**
             * Format: double
             * @description The smallest.
             */
            min?: number | null;
            /** @description The quantiles that were asked for, in their order; each is off by at most 1 % of its value. */
            quantiles?: (number | null)[];
            /**
             * Format: double
             * @description `count` a second.
             */
            rate: number;
            /**
             * Format: double
             * @description What is known of the numbers; absent when events are counted.
             */
            sum?: number | null;
            /** @description When the bucket begins. */
            time: components["schemas"]["Millis"];
        };
        /** @description How long a bucket is. A bucket begins at a multiple of its length since 1970 (UTC). */
        SeriesStep: "10s" | "1m" | "10m" | "1h" | "1d";
        /** @description A session. */
        Session: {
            /** @description When it was closed. */
            closed_at: components["schemas"]["Millis"] | null;
            /** @description When it closes by itself. */
            closes_at: components["schemas"]["Millis"] | null;
            /** @description The join code; only managers are told, null without one. */
            code?: string | null;
            /**
             * Format: uint64
             * @description How many events count.
             */
            events?: number | null;
            /** @description When it freezes by itself. */
            freezes_at: components["schemas"]["Millis"] | null;
            /** @description When it was frozen. */
            frozen_at: components["schemas"]["Millis"] | null;
            /** @description Its id. */
            id: string;
            /** @description When it was opened. */
            opened_at: components["schemas"]["Millis"] | null;
            /** @description When it opens by itself. */
            opens_at: components["schemas"]["Millis"] | null;
            /** @description Where it stands. */
            phase: components["schemas"]["Phase"];
            /**
             * Format: uint32
             * @description How many keys are ranked.
             */
            players?: number | null;
            /** @description For people. */
            title: string;
        };
        /** @description The times for which a board can be asked how it was. */
        Span: {
            /** @description The earliest. */
            from: components["schemas"]["Millis"];
            /** @description The latest: that of the newest event. */
            to: components["schemas"]["Millis"];
        };
        /** @description Degrees north and east. */
        Spot: {
            /**
             * Format: double
             * @description Degrees north.
             */
            lat: number;
            /**
             * Format: double
             * @description Degrees east.
             */
            lon: number;
        };
        /** @description An alarm that stands. */
        StandingAlarm: {
            /** @description Who has seen it, and when. */
            acknowledged?: components["schemas"]["AlarmSeenBy"] | null;
            /**
             * Format: uint64
             * @description The number of the event that raised it.
             */
            id: number;
            /** @description The item, or the key of the ranking. */
            key: string;
            /** @description Whether its rule or its item is muted. */
            muted?: boolean;
            /** @description The rule's name, or its id. */
            name: string;
            /** @description When the board raised it, by its own clock. */
            raised_at: components["schemas"]["Millis"];
            /** @description The rule's id. */
            rule: string;
            /** @description What the item has now in the columns of the rule. */
            seen: string;
            /** @description How grave it is. */
            severity: components["schemas"]["AlarmSeverity"];
            /** @description Since when, as event time. */
            since: components["schemas"]["Millis"];
        };
        /** @description A time in which an item stood. */
        Stop: {
            /**
             * Format: uint
             * @description How many fixes there are.
             */
            fixes: number;
            /** @description Of its first fix there. */
            from: components["schemas"]["Millis"];
            /** @description The middle of its fixes there. */
            position: components["schemas"]["Spot"];
            /** @description Of its last. */
            to: components["schemas"]["Millis"];
        };
        /** @description What a view says of storage. */
        StorageView: {
            /**
             * Format: uint64
             * @description Bytes that the board has stored.
             */
            bytes: number;
            /**
             * Format: uint64
             * @description Bytes that it may store.
             */
            limit_bytes: number;
            /** @description How full it is. */
            state: components["schemas"]["Fill"];
        };
        /** @description The answer of `…/summary`. */
        Summary: {
            /** @description When it was made, to the second: who is stale, and the rates, depend on it. */
            at: components["schemas"]["Millis"];
            /** @description As of which event. */
            cursor: components["schemas"]["Cursor"];
            /** @description Dead letters, once some had to make room for others; for who may manage the board. */
            dead_letters?: components["schemas"]["LettersView"] | null;
            /**
             * Format: uint64
             * @description Events of the board since it began.
             */
            events: number;
            /** @description Number fields of the items as they are now. */
            fields: {
                [key: string]: components["schemas"]["FieldSummary"];
            };
            /**
             * Format: uint64
             * @description Items that may be seen.
             */
            items: number;
            /** @description The latest event time of an item. */
            newest: components["schemas"]["Millis"] | null;
            /** @description The earliest of the items' last event times. */
            oldest: components["schemas"]["Millis"] | null;
            /** @description The times for which it can be asked how the board was, with `at=`; for who may read its history. */
            past?: components["schemas"]["Span"] | null;
            /** @description Events a second by event time, up to `at`; absent for who may not see every item, or without rollups. */
            rates?: components["schemas"]["Rates"] | null;
            /** @description Whether the board has more numbers than it keeps series of. */
            series_full: boolean;
            /**
             * Format: uint64
             * @description Those without an event for as long as the board's `stale_after_s`.
             */
            stale: number;
            /** @description How full the board's storage is, once it is nearly full. When it is full, events are refused. */
            storage?: components["schemas"]["StorageView"] | null;
        };
        /** @description Who is ahead when all columns are equal. */
        Ties: "first_to_reach" | "shared" | "dense";
        /** @description Which stretch of time is counted. */
        TimeWindow: {
            kind: components["schemas"]["WindowKind"];
            period?: components["schemas"]["CalendarPeriod"] | null;
            /** Format: uint32 */
            seconds?: number | null;
            zone?: string | null;
        };
        /** @description Time, degrees north, degrees east, m/s, degrees clockwise from north; null where unknown. */
        TrackPoint: [
            components["schemas"]["Millis"],
            number,
            number,
            number | null,
            number | null
        ];
        /** @description The answer in JSON. */
        TrackView: {
            /** @description As of when. */
            cursor: components["schemas"]["Cursor"];
            /**
             * Format: uint
             * @description How many fixes there are, of which the points are some or all.
             */
            fixes: number;
            /** @description Points before which there is a gap, by their places in `points`. */
            gaps: number[];
            /** @description Whose track. */
            key: string;
            /** @description The fixes, in the order of their times. */
            points: components["schemas"]["TrackPoint"][];
        };
        /** @description A time in which an item went. */
        Trip: {
            /** @description Where it ended. */
            end: components["schemas"]["Spot"];
            /**
             * Format: uint
             * @description How many fixes there are.
             */
            fixes: number;
            /** @description Of its first fix. */
            from: components["schemas"]["Millis"];
            /**
             * Format: double
             * @description Metres from fix to fix.
             */
            metres: number;
            /** @description Where it began. */
            start: components["schemas"]["Spot"];
            /** @description Of its last. */
            to: components["schemas"]["Millis"];
            /**
             * Format: double
             * @description The largest speed that a fix has, in m/s; null when none has one.
             */
            top_speed: number | null;
        };
        /** @description The answer. */
        TripsView: {
            /** @description As of when. */
            cursor: components["schemas"]["Cursor"];
            /** @description Whose. */
            key: string;
            /** @description In the order of their times. */
            stops: components["schemas"]["Stop"][];
            /** @description In the order of their times. */
            trips: components["schemas"]["Trip"][];
        };
        /** @description What a field holds. Structures are flattened before they come here. */
        Value: boolean | number | string;
        /** @description A named view. */
        View: {
            /** @description Its name. */
            name: string;
            /** @description What a caller may give. */
            parameters: {
                [key: string]: components["schemas"]["Parameter"];
            };
            /** @description Which view it saves: `items`, `series`, `summary`, `scores` or `events`; `upstream` where another service answers. */
            path: string;
            /** @description For people. */
            title: string;
        };
        /** @description A board's named views. */
        Views: {
            /** @description By name. */
            views: components["schemas"]["View"][];
        };
        /** @enum {string} */
        WindowKind: "all" | "rolling" | "calendar";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listAlarms: {
        parameters: {
            query?: {
                /** @description Only by this rule. */
                rule?: string;
                /** @description Only of this item. */
                key?: string;
                /** @description Only as grave as this, or graver. */
                severity?: "info" | "warning" | "critical";
                /** @description Only those that somebody has seen, or nobody. */
                acknowledged?: boolean;
                /** @description Rows of a page. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listAlarmEvents: {
        parameters: {
            query?: {
                /** @description Only what happened then or later: RFC 3339 or epoch milliseconds. */
                from?: string;
                /** @description Only what happened before. */
                to?: string;
                /** @description Only of this item. */
                key?: string;
                /** @description Only by this rule. */
                rule?: string;
                /**
                 * @description Only this.
                 * @example raise
                 */
                kind?: "raise" | "clear" | "acknowledge";
                /** @description Rows of a page. */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listItems: {
        parameters: {
            query?: {
                /**
                 * @description Only these keys, separated by commas.
                 * @example [
                 *       "v1",
                 *       "v2"
                 *     ]
                 */
                keys?: string[];
                /**
                 * @description Only keys that begin so.
                 * @example v
                 */
                prefix?: string;
                /**
                 * @description Only items in this box: west, south, east, north in degrees.
                 * @example [
                 *       -98,
                 *       30,
                 *       -97,
                 *       31
                 *     ]
                 */
                bbox?: number[];
                /**
                 * @description Only items whose field has this value: `field:value`.
                 * @example route:801
                 */
                group?: string;
                /**
                 * @description A condition, `column:operator:value`; may be repeated, all must hold. Operators are eq, ne, lt, le, gt, ge, in, starts, exists and missing.
                 * @example fuel:lt:0.8
                 */
                where?: string;
                /**
                 * @description Only these columns besides key, time and seq.
                 * @example [
                 *       "fuel"
                 *     ]
                 */
                fields?: string[];
                /** @description Only items that changed after this cursor; `ended` names those that ended. */
                since?: components["schemas"]["Cursor"];
                /** @description As it was: a time (all events with an event time up to then, as known now) or a cursor (what had arrived by then). Needs the right to the history. */
                at?: string;
                /**
                 * @description Rows of a page.
                 * @example 500
                 */
                limit?: number;
                /** @description The `next` of the page before. */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getItem: {
        parameters: {
            query?: {
                /** @description Only these columns besides key, time and seq. */
                fields?: string[];
                /** @description As it was: a time (all events with an event time up to then, as known now) or a cursor (what had arrived by then). Needs the right to the history. */
                at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getItemSeries: {
        parameters: {
            query?: {
                /**
                 * @description A number field, or `position.speed`, `position.altitude`, `position.accuracy`; without it events are counted.
                 * @example fuel
                 */
                field?: string;
                /**
                 * @description The beginning; a day before the end when absent.
                 * @example 2026-03-01T00:00:00Z
                 */
                from?: string | unknown | unknown;
                /**
                 * @description The end, which does not belong to it; behind the newest event when absent.
                 * @example 2026-03-02T00:00:00Z
                 */
                to?: string | unknown | unknown;
                /**
                 * @description The length of a bucket; the finest that is kept and makes at most 500 points when absent. At most 10,000 points.
                 * @example 1h
                 */
                step?: components["schemas"]["SeriesStep"];
                /** @description Quantiles of a field for which the board's config keeps them. */
                quantiles?: number[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getItemTrack: {
        parameters: {
            query?: {
                /**
                 * @description The beginning; a day before the end when absent.
                 * @example 2026-03-01T12:00:00Z
                 */
                from?: string | unknown | unknown;
                /**
                 * @description The end, which does not belong to it; behind the newest fix when absent.
                 * @example 2026-03-01T13:00:00Z
                 */
                to?: string | unknown | unknown;
                /**
                 * @description The most points of the answer; the first and the last fix are always among them.
                 * @example 500
                 */
                max_points?: number;
                /** @description Seconds between two fixes beyond which no line joins them. */
                gap_s?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getItemTrips: {
        parameters: {
            query?: {
                /**
                 * @description The beginning; a day before the end when absent.
                 * @example 2026-03-01T12:00:00Z
                 */
                from?: string | unknown | unknown;
                /**
                 * @description The end, which does not belong to it; behind the newest fix when absent.
                 * @example 2026-03-01T13:00:00Z
                 */
                to?: string | unknown | unknown;
                /** @description A stop's fixes are no further from its first. */
                stop_m?: number;
                /** @description Seconds that a stop lasts. */
                stop_s?: number;
                /** @description Seconds between two fixes beyond which nothing is known of the time between. */
                gap_s?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getScores: {
        parameters: {
            query?: {
                /**
                 * @description How many rows.
                 * @example 3
                 */
                top?: number;
                /** @description How many rows are left out before. */
                offset?: number;
                /**
                 * @description And the rows around this key.
                 * @example p-1
                 */
                around?: string;
                /** @description How many rows on each side of that key. */
                span?: number;
                /** @description Only this group: `field:value`. */
                group?: string;
                /** @description A session's id, or `all`; the one that runs or ran last when absent. */
                session?: string;
                /** @description With a cell for each task of the rules in each row, and who solved each first. */
                cells?: boolean;
                /** @description As it was: a time (all events with an event time up to then, as known now) or a cursor (what had arrived by then). Needs the right to the history. */
                at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getSeries: {
        parameters: {
            query?: {
                /**
                 * @description `key`, or a field of which each value makes a group.
                 * @example route
                 */
                group_by?: string;
                /** @description Only these items. */
                keys?: string[];
                /**
                 * @description A number field, or `position.speed`, `position.altitude`, `position.accuracy`; without it events are counted.
                 * @example fuel
                 */
                field?: string;
                /**
                 * @description The beginning; a day before the end when absent.
                 * @example 2026-03-01T00:00:00Z
                 */
                from?: string | unknown | unknown;
                /**
                 * @description The end, which does not belong to it; behind the newest event when absent.
                 * @example 2026-03-02T00:00:00Z
                 */
                to?: string | unknown | unknown;
                /**
                 * @description The length of a bucket; the finest that is kept and makes at most 500 points when absent. At most 10,000 points.
                 * @example 1d
                 */
                step?: components["schemas"]["SeriesStep"];
                /** @description Quantiles of a field for which the board's config keeps them. */
                quantiles?: number[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getSummary: {
        parameters: {
            query?: {
                /** @description As it was: a time (all events with an event time up to then, as known now) or a cursor (what had arrived by then). Needs the right to the history. */
                at?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
