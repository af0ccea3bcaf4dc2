//! The suite on a real Keystone and a real Heat.
//!
//! `HEAT_LIVE_STATE` names the state directory of a cloud that `tests/cloud/up` started. Without it
//! each test says that it was skipped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod heat;
mod precedence;
#[path = "../suite/mod.rs"]
mod suite;
mod tls;
mod tokens;

use std::path::PathBuf;

use serde_json::Value;
use suite::{Cloud, Facts};

/// What the cloud tells of itself, or `None` where there is none.
fn facts() -> Option<Value> {
    let state = PathBuf::from(std::env::var_os("HEAT_LIVE_STATE")?);
    let facts = std::fs::read(state.join("facts.json")).expect("the cloud is up");
    Some(serde_json::from_slice(&facts).unwrap())
}

/// The cloud, or `None` where there is none.
fn cloud() -> Option<Cloud> {
    let facts = facts()?;
    let fact = |pointer: &str| facts.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    Some(Cloud::new(Facts {
        auth_url: fact("/identity_url"),
        user_id: fact("/users/demo"),
        project_id: fact("/projects/demo"),
        foreign_project_id: fact("/projects/rocket"),
        credential_id: fact("/application_credentials/demo-ac/id"),
        credential_secret: fact("/application_credentials/demo-ac/secret"),
    }))
}

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

/// All cases, whichever file they are in.
mod cases {
    pub(crate) use crate::heat::*;
    pub(crate) use crate::suite::auth::*;
    pub(crate) use crate::suite::environments::*;
    pub(crate) use crate::suite::heat::*;
    pub(crate) use crate::suite::nesting::*;
}

auth_cases!(on_the_cloud);
heat_cases!(on_the_cloud);
environment_cases!(on_the_cloud);
nesting_cases!(on_the_cloud);

on_the_cloud! {
    a_nested_failure_is_told_by_its_path
    a_cancelled_update_is_rolled_back
}
