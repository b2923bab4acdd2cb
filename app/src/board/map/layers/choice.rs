//! Which layers are shown: as the board's config says, unless the address says otherwise. Pure.

use heliograph_shared::layers::style::MapLayer;

/// Reads `layers=routes,stops`; an empty list shows none.
pub fn parse(value: &str) -> Vec<String> {
    value.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// Whether each layer is shown. Of ids that the board does not have nothing is heard.
pub fn shown(layers: &[MapLayer], named: Option<&[String]>) -> Vec<bool> {
    let is_named = |named: &[String], layer: &MapLayer| named.iter().any(|id| *id == layer.id.as_str());
    layers.iter().map(|layer| named.map_or(layer.shown, |named| is_named(named, layer))).collect()
}

/// What the address says of a choice: nothing where it is the config's.
pub fn named(layers: &[MapLayer], shown: &[bool]) -> Option<Vec<String>> {
    let is_usual = layers.iter().zip(shown).all(|(layer, shown)| layer.shown == *shown);
    let ids = layers.iter().zip(shown).filter(|(_, shown)| **shown).map(|(layer, _)| layer.id.to_string());
    (!is_usual).then(|| ids.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> Vec<MapLayer> {
        serde_json::from_str(
            r#"[{"id":"zones","name":"Zones"},{"id":"routes","name":"Routes"},{"id":"stops","name":"Stops","shown":false}]"#,
        )
        .unwrap()
    }

    #[test]
    fn the_config_decides_until_the_address_does() {
        let layers = layers();
        assert_eq!(shown(&layers, None), [true, true, false]);
        assert_eq!(shown(&layers, Some(&parse("stops,moon,routes"))), [false, true, true]);
        assert_eq!(shown(&layers, Some(&parse(""))), [false, false, false]);
    }

    #[test]
    fn the_address_holds_what_is_unusual_and_brings_it_back() {
        let layers = layers();
        assert_eq!(named(&layers, &[true, true, false]), None);
        for choice in [[false, false, false], [true, true, true], [false, true, false]] {
            let said = named(&layers, &choice).unwrap();
            assert_eq!(shown(&layers, Some(&said)), choice);
        }
        assert_eq!(named(&layers, &[true, false, true]).unwrap().join(","), "zones,stops");
    }
}
