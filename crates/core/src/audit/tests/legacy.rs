//! States that version 0.1 wrote.

use super::*;
use crate::series::Series;

const MEMBERSHIP: &str = include_str!("states/0.1-membership.json");
const PLATFORM: &str = include_str!("states/0.1-platform.json");

fn read(text: &str) -> Auditor {
    let (tracker, auditor) = Auditor::of_version_0_1(text).unwrap();
    assert_ne!(tracker, Tracker::default(), "what was tracked is read, too");
    auditor.unwrap()
}

#[test]
fn a_state_that_0_1_wrote_is_read_with_all_its_figures() {
    let auditor = read(MEMBERSHIP);
    assert_eq!(auditor.last_reading(), Some("2026-11-29T16:40:45.932120443Z".parse().unwrap()));
    let five = Series::Meter(Meter::FiveHour);
    assert_eq!(auditor.coverage(five), Some(0.876_921_853_660_489_1));
    assert_eq!(auditor.points_for_a_dollar_at_most(five), Some(10.726_314_280_196_663));

    let platform = read(PLATFORM);
    assert_eq!(platform.coverage(Series::Balance(Currency::USD)), Some(0.603_930_023_804_595_7));
}

#[test]
fn a_state_comes_back_as_it_was_written() {
    for text in [MEMBERSHIP, PLATFORM] {
        let auditor = read(text);
        let written = serde_json::to_string(&auditor).unwrap();
        assert_eq!(serde_json::from_str::<Auditor>(&written).unwrap(), auditor);
    }
}
