//! Messages without words, as the interface hands them out: an id of the catalogues with its arguments.

use tidemark_core::Money;
use tidemark_core::failure_cause::FailureCause;
use tidemark_core::message::{Arg, Message, MoneyLeft};
use tidemark_core::number::decimal;

use super::money_view::money;
use crate::view;

/// A sentence of a finding.
pub(super) fn message_view(message: &Message) -> view::MessageView {
    view::MessageView {
        id: message.id(),
        args: message.args().into_iter().map(|(name, arg)| (name, arg_view(arg))).collect(),
    }
}

/// What Tidemark says about a failure.
pub(super) fn cause_view(cause: &FailureCause) -> view::MessageView {
    view::MessageView {
        id: cause.id(),
        args: cause.args().into_iter().map(|(name, arg)| (name, arg_view(arg))).collect(),
    }
}

fn arg_view(arg: Arg) -> view::ArgView {
    use view::ArgView;
    let quantity = |value, unit: &str| view::QuantityView { value, unit: unit.to_owned() };
    let exact = |amount: Money| quantity(decimal::to_f64(amount.amount), amount.currency.code());
    match arg {
        Arg::Time(at) => ArgView::Time(at),
        Arg::Series(series) => ArgView::Series(series.to_string()),
        Arg::Amount(series, value) => ArgView::Amount(quantity(value, series.unit())),
        Arg::Level(series, value) => ArgView::Level(quantity(value, series.unit())),
        Arg::Percent(value) => ArgView::Percent(value),
        Arg::Money(amount) => ArgView::Amount(exact(amount)),
        Arg::Left(MoneyLeft::Total(amount)) => ArgView::Level(exact(amount)),
        Arg::Left(MoneyLeft::Split { cash, voucher }) => {
            ArgView::Split { cash: money(cash), voucher: money(voucher) }
        }
        Arg::Number(value) => ArgView::Number(value),
        Arg::Count(count) => ArgView::Number(decimal::to_f64(count.into())),
        Arg::RateLimit(limit) => ArgView::RateLimit(limit.as_str().to_owned()),
        Arg::Text(text) => ArgView::Text(text),
    }
}
