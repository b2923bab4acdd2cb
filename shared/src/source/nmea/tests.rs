//! Sentences of public logs, and what they say.

use super::super::EnvelopeName;
use super::super::tests::Sent;
use serde_json::{Value, json};

/// A sentence with its checksum.
fn summed(body: &str) -> String {
    let sum = body.bytes().skip(1).fold(0_u8, |sum, byte| sum ^ byte);
    format!("{body}*{sum:02X}")
}

fn events(query: &str, body: &str) -> (Vec<Value>, Vec<String>) {
    Sent::new(&[], query, body).events(EnvelopeName::Auto)
}

fn only(body: &str) -> Value {
    let (events, refused) = events("", body);
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(events.len(), 1, "{events:?}");
    events.into_iter().next().unwrap()
}

const CLASS_A: &str = "!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C";

#[test]
fn a_report_of_class_a_is_a_ship_where_it_is() {
    let ship = only(CLASS_A);
    assert_eq!(
        (&ship["key"], &ship["time"], &ship["fields"]),
        (
            &json!("366053209"),
            &json!(1_772_366_400_000_i64),
            &json!({"class": "A", "status": "restricted_manoeuvrability", "course": 219.3, "turn_rate": 0})
        )
    );
    let part = |name: &str| ship["position"][name].as_f64().unwrap();
    assert!((part("lat") - 37.802_118).abs() < 1e-6 && (part("lon") + 122.341_618).abs() < 1e-6, "{ship}");
    assert_eq!((part("speed"), part("heading")), (0.0, 1.0));
}

#[test]
fn the_time_of_a_tag_block_is_the_events_and_the_same_message_twice_is_one() {
    let tag = summed("\\s:r17,c:1772366300").replacen('\\', "", 1);
    let ship = only(&format!("\\{tag}\\{CLASS_A}"));
    assert_eq!((&ship["time"], &ship["fields"]["station"]), (&json!(1_772_366_300_000_i64), &json!("r17")));
    assert_eq!(ship["id"], "15M67FC000G?ufbE`FepT@3n00Sa@1772366300000");
    // As coast guards write it.
    let ship = only(&format!("{CLASS_A},r003669930,1772366300"));
    assert_eq!((&ship["time"], &ship["fields"]["station"]), (&json!(1_772_366_300_000_i64), &json!("r003669930")));
    assert_eq!(only(CLASS_A)["id"], Value::Null);
}

const STATIC: [&str; 2] = [
    "!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    "!AIVDM,2,2,1,A,88888888880,2*25",
];

#[test]
fn parts_make_a_message_in_any_order_and_between_others() {
    let whole = only(&STATIC.join("\n"));
    assert_eq!(
        whole["fields"],
        json!({"class": "A", "imo": 9_134_270, "callsign": "3FOF8", "name": "EVER DIADEM", "ship_type": 70,
            "length": 295, "width": 32, "draught": 12.2, "destination": "NEW YORK", "eta": "05-15 14:00"})
    );
    assert_eq!((&whole["key"], &whole["position"]), (&json!("351759000"), &Value::Null));
    let (found, refused) = events("", &[STATIC[1], CLASS_A, STATIC[0]].join("\r\n"));
    assert_eq!((found.len(), refused.len(), &found[1]["fields"]), (2, 0, &whole["fields"]));
}

#[test]
fn a_part_that_never_comes_spoils_no_other_message() {
    let (found, refused) = events("", &[STATIC[0], STATIC[0], STATIC[1], "!AIVDM,2,2,4,B,88888888880,2*23"].join("\n"));
    assert_eq!((found.len(), refused), (1, vec!["invalid sentence".to_owned(), "invalid sentence".to_owned()]));
}

#[test]
fn what_is_not_available_is_left_out_and_the_report_stays() {
    // Latitude 91, longitude 181, speed 102.3, course 360, heading 511, rate of turn -128, status 15.
    let ship = only("!AIVDO,1,1,,A,15M67FOP?w<tSF0l4Q@>4?wqP000,0*0A");
    assert_eq!(
        (&ship["key"], &ship["position"], &ship["fields"]),
        (&json!("366053209"), &Value::Null, &json!({"class": "A", "own_ship": true}))
    );
}

#[test]
fn bad_checksums_and_garbage_are_refused_by_their_line_alone() {
    let body = [CLASS_A, &CLASS_A.replace("*5C", "*5D"), "# a remark", "hello", "\\c:1*00\\!AIVDM", "$GPGSV,1,1,00*79"]
        .join("\n");
    let (found, refused) = events("", &body);
    assert_eq!(found.len(), 1);
    assert_eq!(refused, ["invalid sentence"; 3]);
    let tag = format!("\\c:1772366300*00\\{CLASS_A}");
    assert_eq!(events("", &tag).1, ["invalid tag"]);
}

const RMC: &str = "$GPRMC,120000.00,A,5130.0000,N,00007.2000,W,010.0,090.0,010326,,,A*43";

#[test]
fn sentences_of_one_moment_are_one_fix() {
    let gga = summed("$GPGGA,120000.00,5130.0000,N,00007.2000,W,1,08,0.9,64.2,M,46.9,M,,");
    let vtg = summed("$GPVTG,090.0,T,,M,010.0,N,018.5,K,A");
    for order in [[RMC, &gga, &vtg], [&gga, RMC, &vtg], [&gga, &vtg, RMC]] {
        let (found, refused) = events("key=boat", &order.join("\n"));
        assert!(refused.is_empty(), "{refused:?}");
        assert_eq!(
            found,
            [json!({"id": "boat@1772366400000", "key": "boat", "time": 1_772_366_400_000_i64,
                "position": {"lat": 51.5, "lon": -0.12, "heading": 90, "speed": 5.14, "altitude": 64.2},
                "fields": {"course": 90, "quality": 1, "satellites": 8, "hdop": 0.9}})]
        );
    }
    assert_eq!(events("", RMC).1, ["missing key"]);
}

#[test]
fn a_fix_without_a_date_has_the_nearest_and_a_void_one_is_none() {
    let gga = |clock: &str| summed(&format!("$GNGGA,{clock},5130.0000,N,00007.2000,W,1,08,0.9,64.2,M,46.9,M,,"));
    let time = |body: &str| events("id=a", body).0.first().map(|event| event["time"].as_i64().unwrap());
    // The request came at noon of the first of March.
    assert_eq!(time(&gga("115959.50")), Some(1_772_366_399_500));
    assert_eq!(time(&gga("000001")), Some(1_772_323_201_000));
    let before = summed("$GPRMC,235959,A,5130.0000,N,00007.2000,W,010.0,090.0,280217,,,A");
    let (found, _) = events("id=a", &[before.as_str(), &gga("000001")].join("\n"));
    assert_eq!(found[1]["time"].as_i64().unwrap() - found[0]["time"].as_i64().unwrap(), 2_000);
    let void = [summed("$GPRMC,120000,V,,,,,,,010326,,,N"), summed("$GPGGA,120000,0000.0,N,00000.0,E,0,,,,M,,M,,")];
    assert_eq!(events("id=a", &void.join("\n")), (vec![], vec![]));
}

#[test]
fn a_place_or_a_time_that_can_not_be_is_refused_by_its_name() {
    let rmc = |clock: &str, lat: &str, date: &str| {
        events("id=a", &summed(&format!("$GPRMC,{clock},A,{lat},N,00007.2,W,1,9,{date},,,A"))).1
    };
    assert_eq!(rmc("250000", "5130.0", "010326"), ["invalid time"]);
    assert_eq!(rmc("120000", "5160.0", "010326"), ["invalid lat"]);
    assert_eq!(rmc("120000", "-130.0", "010326"), ["invalid lat"]);
    assert_eq!(rmc("120000", "5130.0", "310226"), ["invalid date"]);
    assert_eq!(rmc("120000", "9530.0", "010326"), ["position_out_of_range position.lat"]);
}
