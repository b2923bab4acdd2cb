//! Boards to begin with: a config for each kind.

use serde_json::Value;

/// A kind of board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// What moves, on a map.
    Fleet,
    /// What is measured, on a map and in charts.
    Sensors,
    /// Points and ranks.
    Scoreboard,
    /// Problems solved, with penalty time.
    Contest,
    /// Questions and answers.
    Quiz,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Fleet, Self::Sensors, Self::Scoreboard, Self::Contest, Self::Quiz];

    /// Its name in the form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fleet => "fleet",
            Self::Sensors => "sensors",
            Self::Scoreboard => "scoreboard",
            Self::Contest => "contest",
            Self::Quiz => "quiz",
        }
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Fleet => text!(console.templates.fleet),
            Self::Sensors => text!(console.templates.sensors),
            Self::Scoreboard => text!(console.templates.scoreboard),
            Self::Contest => text!(console.templates.contest),
            Self::Quiz => text!(console.templates.quiz),
        }
    }

    /// What it is for, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Fleet => text!(console.templates.fleet_about),
            Self::Sensors => text!(console.templates.sensors_about),
            Self::Scoreboard => text!(console.templates.scoreboard_about),
            Self::Contest => text!(console.templates.contest_about),
            Self::Quiz => text!(console.templates.quiz_about),
        }
    }

    const fn json(self) -> &'static str {
        match self {
            Self::Fleet => include_str!("templates/fleet.json"),
            Self::Sensors => include_str!("templates/sensors.json"),
            Self::Scoreboard => include_str!("templates/scoreboard.json"),
            Self::Contest => include_str!("../../../boards/icpc.json"),
            Self::Quiz => include_str!("../../../boards/quiz.json"),
        }
    }

    /// A config of this kind.
    pub fn config(self, title: &str, description: &str, is_public: bool) -> Value {
        // A test reads them all.
        let mut config: Value = serde_json::from_str(self.json()).unwrap_or_default();
        config["title"] = title.into();
        config["description"] = description.into();
        config["visibility"] = if is_public { "public" } else { "private" }.into();
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_shared::config::{BoardConfig, Visibility};

    #[test]
    fn every_template_is_a_config_that_the_server_takes() {
        for template in Template::ALL {
            let config = template.config("Mine", "What it is", false);
            let parsed = BoardConfig::parse(config.to_string().as_bytes());
            let parsed = parsed.unwrap_or_else(|errors| panic!("{}: {errors:?}", template.code()));
            assert_eq!((parsed.title.as_str(), parsed.visibility), ("Mine", Visibility::Private));
        }
    }

    #[test]
    fn only_templates_with_ranks_have_a_scoreboard() {
        let with_scores = Template::ALL.map(|template| template.config("T", "", true)["scores"].is_object());
        assert_eq!(with_scores, [false, false, true, true, true]);
    }
}
