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
mod logins;
mod precedence;
mod restarts;
mod signals;
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
    pub(crate) use crate::logins::*;
    pub(crate) use crate::signals::*;
    pub(crate) use crate::suite::abandoning::*;
    pub(crate) use crate::suite::auth::*;
    pub(crate) use crate::suite::deploying::*;
    pub(crate) use crate::suite::documents::*;
    pub(crate) use crate::suite::ending::*;
    pub(crate) use crate::suite::endpoints::*;
    pub(crate) use crate::suite::environments::*;
    pub(crate) use crate::suite::failures::*;
    pub(crate) use crate::suite::groups::*;
    pub(crate) use crate::suite::heat::*;
    pub(crate) use crate::suite::hooks::*;
    pub(crate) use crate::suite::lists::*;
    pub(crate) use crate::suite::logins::*;
    pub(crate) use crate::suite::nesting::*;
    pub(crate) use crate::suite::projects::*;
    pub(crate) use crate::suite::signals::*;
    pub(crate) use crate::suite::snapshots::*;
    pub(crate) use crate::suite::software::*;
    pub(crate) use crate::suite::types::*;
    pub(crate) use crate::suite::updating::*;
    pub(crate) use crate::suite::watching::*;
    pub(crate) use crate::suite::whole::*;
}

auth_cases!(on_the_cloud);
login_cases!(on_the_cloud);
heat_cases!(on_the_cloud);
failure_cases!(on_the_cloud);
watching_cases!(on_the_cloud);
document_cases!(on_the_cloud);
ending_cases!(on_the_cloud);
endpoint_cases!(on_the_cloud);
environment_cases!(on_the_cloud);
nesting_cases!(on_the_cloud);
project_cases!(on_the_cloud);
snapshot_cases!(on_the_cloud);
abandoning_cases!(on_the_cloud);
updating_cases!(on_the_cloud);
software_cases!(on_the_cloud);
type_cases!(on_the_cloud);
list_cases!(on_the_cloud);
deploying_cases!(on_the_cloud);
signal_cases!(on_the_cloud);
hook_cases!(on_the_cloud);
whole_cases!(on_the_cloud);
group_cases!(on_the_cloud);

on_the_cloud! {
    a_domain_is_a_scope
    expired_secrets_are_refused
    the_url_of_a_scaling_policy_is_signalled
    a_template_is_downloaded_by_heat
}

#[tokio::test]
#[ignore = "tests/long/restarts runs it"]
async fn waits_outlive_restarts() {
    restarts::waits_outlive_restarts().await;
}
