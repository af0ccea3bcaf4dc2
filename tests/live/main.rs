//! The suite on a real Keystone and a real Heat.
//!
//! `HEAT_LIVE_STATE` names the state directory of a cloud that `tests/cloud/up` started. Without it
//! each test prints that it is skipped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod clouds;
mod heat;
mod precedence;
#[path = "../suite/mod.rs"]
mod suite;
mod tls;
mod tokens;

use heatclient_test_support::cloud::cloud;

/// A test for each case: a function that takes the cloud.
macro_rules! on_the_cloud {
    ($($case:ident)*) => {
        $(
            #[tokio::test]
            async fn $case() {
                match cloud() {
                    Some(cloud) => cases::$case(&cloud).await,
                    None => eprintln!("skipped: HEAT_LIVE_STATE is not set"),
                }
            }
        )*
    };
}

/// The cases of all files.
mod cases {
    pub(crate) use crate::heat::*;
    pub(crate) use crate::suite::auth::*;
    pub(crate) use crate::suite::documents::*;
    pub(crate) use crate::suite::environments::*;
    pub(crate) use crate::suite::failures::*;
    pub(crate) use crate::suite::heat::*;
    pub(crate) use crate::suite::nesting::*;
    pub(crate) use crate::suite::projects::*;
    pub(crate) use crate::suite::watching::*;
}

auth_cases!(on_the_cloud);
heat_cases!(on_the_cloud);
failure_cases!(on_the_cloud);
watching_cases!(on_the_cloud);
document_cases!(on_the_cloud);
environment_cases!(on_the_cloud);
nesting_cases!(on_the_cloud);
project_cases!(on_the_cloud);

on_the_cloud! {
    a_nested_failure_is_told_by_its_path
    a_cancelled_update_is_rolled_back
}
