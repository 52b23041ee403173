//! What `--help` says of the keys, held to what the chip's row says.

use clap::ValueEnum as _;
use esp_https::{
    cli::KeyArg,
    device::chip::{self, Acceleration},
};

#[test]
fn the_help_of_each_key_says_how_long_the_chip_takes_with_it() {
    let costs = chip::DEFAULT.handshake_costs;
    let helps: Vec<_> = KeyArg::value_variants().iter().filter_map(KeyArg::to_possible_value).collect();
    assert_eq!(helps.len(), costs.len());
    for cost in costs {
        let name = cost.key.to_string().replace('-', "").to_lowercase();
        let value = helps.iter().find(|value| value.get_name() == name).unwrap();
        let help = value.get_help().unwrap().to_string();
        let times = f64::from(cost.cpu_ms) / f64::from(costs[0].cpu_ms);
        let chip = chip::DEFAULT.name;
        let expected = match cost.acceleration {
            Acceleration::Whole => format!("; accelerated on the {chip}"),
            Acceleration::Pieces { .. } => {
                let words = match times {
                    9.5..10.5 => "ten",
                    19.0..22.0 => "twenty",
                    _ => panic!("--help has no words for {times:.1} times"),
                };
                let took = format!("a handshake took {words} times as long without");
                format!("accelerated in pieces on the {chip}, not measured; {took}")
            }
            Acceleration::None => {
                assert!(times < 2.0, "--help has no words for {times:.1} times");
                let almost = if times < 1.2 { "; " } else { "almost " };
                format!("{almost}as quick on the {chip} as {}", costs[0].key)
            }
        };
        assert!(help.contains(&expected), "{name}: {help:?} does not contain {expected:?}");
    }
}
