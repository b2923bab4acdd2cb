//! How a map shows many items: each by itself, or those that lie together as one.

use serde::{Deserialize, Serialize};

/// How a map shows many items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// A mark for each.
    #[default]
    Marks,
    /// One disc for those that lie together, with how many they are and the worst of them.
    Clusters,
    /// Soft spots in the colours of a scale.
    Heat,
    /// Hexagons in the colours of a scale.
    Hex,
}

impl Density {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Marks, Self::Clusters, Self::Heat, Self::Hex];

    /// As configs and addresses name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Marks => "marks",
            Self::Clusters => "clusters",
            Self::Heat => "heat",
            Self::Hex => "hex",
        }
    }

    /// That of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|density| density.name() == name)
    }

    /// Whether it is what a config has that says nothing.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_and_is_that_of_the_config() {
        for density in Density::ALL {
            assert_eq!(Density::named(density.name()), Some(density));
            assert_eq!(serde_json::to_value(density).unwrap(), density.name());
        }
        assert_eq!(Density::named("fog"), None);
    }
}
