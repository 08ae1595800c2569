//! The models of an account's series, one for each slot.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::model::series::SeriesModel;
use crate::audit::slot::{Slot, SlotMap};
use crate::series::Series;

/// What is known of each series that the account has shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Models(SlotMap<Option<Box<SeriesModel>>>);

impl Models {
    pub(crate) fn get(&self, slot: Slot) -> Option<&SeriesModel> {
        self.0[slot].as_deref()
    }

    pub(crate) fn get_mut(&mut self, slot: Slot) -> Option<&mut SeriesModel> {
        self.0[slot].as_deref_mut()
    }

    /// The model of a series.
    pub(crate) fn of(&self, series: Series) -> Option<&SeriesModel> {
        self.get(Slot::of(series))
    }

    /// Begins the model of a series that was never seen before.
    pub(crate) fn begin(&mut self, series: Series, at: DateTime<Utc>) -> &mut SeriesModel {
        self.0[Slot::of(series)].insert(Box::new(SeriesModel::new(series, at)))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (Slot, &mut SeriesModel)> {
        self.0.iter_mut().filter_map(|(slot, model)| Some((slot, model.as_deref_mut()?)))
    }

    /// How fine a series' figure is.
    pub(crate) fn step(&self, slot: Slot) -> f64 {
        self.get(slot).map_or(1.0, SeriesModel::step)
    }

    /// Whether what usage costs of a series is known, and has not changed.
    pub(crate) fn is_steady(&self, slot: Slot) -> bool {
        self.get(slot).is_some_and(SeriesModel::is_steady)
    }

    /// Whether a slow leak of any series is watched.
    pub(crate) fn any_leak(&self) -> bool {
        self.0.iter().any(|(_, model)| model.as_ref().is_some_and(|model| model.leak().is_some()))
    }

    /// Another plan began: what is learned of quotas holds for the old one.
    pub(crate) fn rescale_quotas(&mut self, at: DateTime<Utc>) {
        for (_, model) in self.iter_mut().filter(|(slot, _)| slot.meter().is_some()) {
            model.rescale(at);
        }
    }
}
