//! Settings as they are stored: another version, another program or a damaged disk may have written them.

use tidemark_monitor::Settings;
use tidemark_monitor::settings::POLL_SECONDS;

use crate::law::{Outcome, are_equal, holds};
use crate::random::Random;
use crate::shapes::SETTINGS;
use crate::target::Target;
use crate::{bytes, json};

/// Mends settings.
pub(super) struct StoredSettings;

impl Target for StoredSettings {
    fn input(&self, random: &mut Random) -> Vec<u8> {
        let mut input = SETTINGS.as_bytes().to_vec();
        for _ in 0..=random.below(2) {
            json::change(random, &mut input);
        }
        if random.one_in(4) {
            bytes::damage(random, &mut input);
        }
        input
    }

    fn check(&mut self, input: &[u8]) -> Outcome {
        let defaults = Settings::default();
        let stored = String::from_utf8_lossy(input);
        let (settings, reset) = Settings::mended(&stored, &defaults);
        are_equal(
            "settings mean one thing",
            &(settings.clone(), reset.clone()),
            &Settings::mended(&stored, &defaults),
        )?;
        are_equal("mended settings make sense", &settings.clone().checked(), &Ok(settings.clone()))?;
        holds("polls are polite", POLL_SECONDS.contains(&settings.poll_seconds), || {
            settings.poll_seconds.to_string()
        })?;
        let pace = settings.pace();
        holds("polls are polite", pace.busy <= pace.calm && pace.busy.num_seconds() >= 60, || {
            format!("{pace:?}")
        })?;
        let _ = settings.alert_rules();
        let _ = settings.hidden().hide("/work/secret");
        let again = serde_json::to_string(&settings).unwrap_or_else(|error| error.to_string());
        are_equal(
            "mended settings need no mending",
            &Settings::mended(&again, &defaults),
            &(settings, Vec::new()),
        )
    }
}
