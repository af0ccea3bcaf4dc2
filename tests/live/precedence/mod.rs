//! The precedence table, run through the library.

mod requests;

use heatclient_test_support::cloud::cloud;
use heatclient_test_support::precedence::{check, table};

use requests::Library;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_wins_is_what_the_table_says() {
    match cloud() {
        Some(cloud) => check(cloud, Library, |_, _| true).await,
        None => eprintln!("skipped: HEAT_LIVE_STATE is not set"),
    }
}

/// Heat merges files itself if it receives a list of them and there are no options. The result must be
/// the same.
#[tokio::test]
async fn heat_merges_files_to_the_same_values() {
    let Some(cloud) = cloud() else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let mut compared = 0;
    for row in table() {
        let directory = row.directory(&cloud.name("merge"));
        for step in &row.steps {
            let Some((ours, heats)) = requests::merged(&cloud.heat, &step.line, &directory.0).await
            else {
                continue;
            };
            for section in ["parameters", "parameter_defaults"] {
                assert_eq!(ours[section], heats[section], "{}: {}", row.what, step.line);
            }
            compared += 1;
        }
    }
    assert!(compared >= 10, "{compared}");
}
