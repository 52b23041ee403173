//! What describes the command line to other programs: the scripts by which shells complete it, and the manual pages. Both
//! are made from clap's definitions, so that they know every flag.

pub mod completion;
pub mod page;
