//! Whole numbers on the command line. clap's own parser says of one out of range that it `is not in 1..=1024`.

use std::ops::RangeInclusive;

use clap::builder::TypedValueParser;

/// A parser for whole numbers in this range; its error says in words what is accepted.
pub(super) fn whole<T>(range: RangeInclusive<u64>) -> impl TypedValueParser<Value = T>
where
    T: TryFrom<u64> + Clone + Send + Sync + 'static,
{
    let (least, most) = range.into_inner();
    move |text: &str| {
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| match (least, most) {
            (least, most) if most >= u32::MAX.into() => format!("expected a whole number, {least} or more"),
            (least, most) => format!("expected a whole number from {least} to {most}"),
        })
    }
}

/// Parses a whole number whose limits the command knows and names; one that is too large for the type is the largest of it,
/// which is beyond the limits, too.
pub(super) fn any_whole(text: &str) -> Result<u32, String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX)).ok_or_else(|| "expected a whole number".to_owned())
}

/// Parses a number of days, or a time of days, weeks or years of 365 days (`90d`, `12w`, `1y`); the command knows and names its
/// limits. One that is too large for the type is the largest of it.
pub(super) fn days(text: &str) -> Result<u32, String> {
    let (number, unit) = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((number, "d")) => (number, 1),
        Some((number, "w")) => (number, 7),
        Some((number, "y")) => (number, 365),
        _ => (text, 1),
    };
    let number = any_whole(number);
    number
        .map(|number| number.saturating_mul(unit))
        .map_err(|_| "expected a number of days, or a time such as 90d, 12w or 1y".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command, CommandFactory as _, builder::ValueParser, error::ErrorKind};

    use super::*;
    use crate::cli::Cli;

    fn said(range: RangeInclusive<u64>, text: &str) -> Result<u16, String> {
        let command =
            Command::new("x").arg(Arg::new("n").value_parser(ValueParser::new(whole::<u16>(range))));
        let matches = command.try_get_matches_from(["x", text]).map_err(|error| {
            assert_eq!(error.kind(), ErrorKind::ValueValidation);
            error.to_string().lines().next().unwrap_or_default().to_owned()
        })?;
        Ok(*matches.get_one("n").unwrap())
    }

    #[test]
    fn a_number_out_of_range_is_refused_in_words() {
        assert_eq!(said(1..=1024, "1024"), Ok(1024));
        for text in ["0", "1025", "70000", "x", "1.5", "99999999999999999999"] {
            let expected =
                format!("error: invalid value '{text}' for '[n]': expected a whole number from 1 to 1024");
            assert_eq!(said(1..=1024, text), Err(expected));
        }
        let open = said(2..=u32::MAX.into(), "1");
        assert_eq!(
            open,
            Err("error: invalid value '1' for '[n]': expected a whole number, 2 or more".to_owned())
        );
        assert_eq!((any_whole("70000"), any_whole("99999999999")), (Ok(70_000), Ok(u32::MAX)));
        assert!(["", "x", "-1", "+1", "1.5"].iter().all(|text| any_whole(text).is_err()));
    }

    #[test]
    fn days_take_units() {
        for (text, number) in [("90", 90), ("90d", 90), ("12w", 84), ("1y", 365), ("99999999y", u32::MAX)] {
            assert_eq!(days(text), Ok(number), "{text}");
        }
        assert!(["", "d", "-1d", "1.5y", "1m", "1 d", "ä"].iter().all(|text| days(text).is_err()));
    }

    /// clap's own parsers for numbers have another type.
    #[test]
    fn no_number_is_parsed_by_clap_itself() {
        let mut commands = vec![Cli::command()];
        let mut numbers = 0;
        while let Some(command) = commands.pop() {
            for arg in command.get_arguments() {
                let parser = format!("{:?}", arg.get_value_parser());
                assert!(
                    !parser.contains("RangedI64") && !parser.contains("RangedU64"),
                    "{}: {parser}",
                    arg.get_id()
                );
                let types = ["u8", "u16", "u32", "u64", "usize"];
                numbers += usize::from(types.iter().any(|name| parser.contains(name)));
            }
            commands.extend(command.get_subcommands().cloned());
        }
        assert!(numbers >= 6, "{numbers}");
    }
}
