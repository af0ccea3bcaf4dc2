//! Every entry of the cloud's clouds.yaml.

use std::path::PathBuf;

use heatclient::config::ConfigBuilder;
use heatclient::{Client, ErrorKind};

#[tokio::test]
async fn every_entry_of_clouds_yaml_logs_in() {
    let Some(state) = std::env::var_os("HEAT_LIVE_STATE").map(PathBuf::from) else {
        eprintln!("skipped: HEAT_LIVE_STATE is not set");
        return;
    };
    let builder = ConfigBuilder::new().files_in([&state]);
    let names = builder.build().unwrap().choices().to_vec();
    assert!(names.len() >= 12, "{names:?}");
    for name in names {
        let cloud = builder.clone().cloud(&name).build().unwrap();
        assert_eq!(cloud.name(), Some(name.as_str()));
        assert!(cloud.warnings().is_empty(), "{:?}", cloud.warnings());
        let session = cloud.session().unwrap();
        let heat = Client::from(cloud.adapter(&session));
        let stacks = heat.stacks().list().limit(1).await;
        // These two have no project, so that their catalogs have no Heat.
        let has_project = !name.ends_with("-system") && !name.ends_with("-unscoped");
        match stacks {
            Ok(_) => assert!(has_project, "{name}"),
            Err(error) => {
                assert!(!has_project, "{name}: {error}");
                assert_eq!(error.kind(), ErrorKind::Catalog, "{name}: {error}");
            }
        }
        if name.ends_with("-system") {
            let identity = cloud.identity_adapter(&session).build();
            identity.endpoint().await.unwrap();
        }
    }
}
