//! The endpoints of Keystone and Heat: versions, data and explanations.

use heatclient::ErrorKind;
use heatclient::catalog::{
    ApiVersion, DiscoveryOptions, EndpointSource, Interface, Verdict, VersionRange, VersionStatus,
};
use heatclient_test_support::cloud::Cloud;

/// Passes the name of every case to a macro that makes a test of it.
#[macro_export]
macro_rules! endpoint_cases {
    ($test:ident) => {
        $test! {
            version_documents_describe_the_endpoints
            accepted_versions_choose_the_endpoint
            the_choice_of_an_endpoint_is_explained
            the_versions_of_all_services_are_known
        }
    };
}

pub(crate) async fn version_documents_describe_the_endpoints(cloud: &Cloud) {
    let session = cloud.heat.adapter().session();
    let heat = session.adapter("orchestration").version(1).build();
    let data = heat.endpoint_data().await.unwrap();
    // The document says v1.0, and the URL of the catalog has the project.
    assert_eq!(data.api_version, Some((1, 0).into()));
    assert_eq!(data.status, Some(VersionStatus::Current));
    assert_eq!(data.url, heat.endpoint().await.unwrap());
    assert!(
        data.url.path().ends_with(&cloud.facts.project_id),
        "{data:?}"
    );
    assert_eq!(data.catalog_url.as_ref(), Some(&data.url));
    assert_eq!(data.service_type, "orchestration");
    assert_eq!(data.service_name.as_deref(), Some("heat"));
    assert_eq!(data.region.as_deref(), Some("RegionOne"));
    assert_eq!(data.interface, Some(Interface::Public));
    assert!(data.service_id.is_some() && data.endpoint_id.is_some());
    // Heat has no microversions.
    assert_eq!((data.min_microversion, data.max_microversion), (None, None));
    assert_eq!(data.supports_microversion(1.into()), None);
    assert_eq!(heat.api_version().await.unwrap(), Some((1, 0).into()));

    let identity = session.adapter("identity").version(3).build();
    let data = identity.endpoint_data().await.unwrap();
    assert_eq!(data.api_version.and_then(ApiVersion::major), Some(3));
    assert!(data.api_version > Some((3, 0).into()), "{data:?}");
    assert_eq!(data.service_name.as_deref(), Some("keystone"));
    let found = data.endpoint_id.clone().unwrap();
    let by_id = session.adapter("identity").endpoint_id(found).build();
    let data = by_id.endpoint_data().await.unwrap();
    assert_eq!(data.service_type, "identity");
    let service = data.service_id.unwrap();
    let by_service = session.adapter("identity").service_id(service).build();
    assert_eq!(
        by_service.endpoint_data().await.unwrap().endpoint_id,
        data.endpoint_id
    );
}

pub(crate) async fn accepted_versions_choose_the_endpoint(cloud: &Cloud) {
    let session = cloud.heat.adapter().session();
    let one = session
        .adapter("orchestration")
        .build()
        .endpoint()
        .await
        .unwrap();
    let range = |min: u32, max| VersionRange::between(min, max).unwrap();
    for versions in [
        VersionRange::from(1),
        VersionRange::LATEST,
        VersionRange::at_least(1),
        VersionRange::at_most(1),
        range(1, ApiVersion::latest_of(2)),
    ] {
        let adapter = session.adapter("orchestration").versions(versions).build();
        assert_eq!(adapter.endpoint().await.unwrap(), one, "{versions}");
    }
    let two = session.adapter("orchestration").version(2).build();
    let error = two.endpoint().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Discovery);
    let text = error.to_string();
    assert!(
        text.starts_with("no API v2 at ") && text.ends_with("(found v1.0)"),
        "{text}"
    );
    let skip = DiscoveryOptions::new().skip_discovery(true);
    let skipping = session.adapter("orchestration").version(2).discovery(skip);
    assert_eq!(skipping.build().endpoint().await.unwrap(), one);
    for versions in [
        VersionRange::from(3),
        VersionRange::LATEST,
        range(2, ApiVersion::LATEST),
    ] {
        let adapter = session.adapter("identity").versions(versions).build();
        let projects = adapter
            .get("/auth/projects")
            .fetch::<serde_json::Value>()
            .await;
        assert!(projects.unwrap()["projects"].is_array(), "{versions}");
    }
}

pub(crate) async fn the_choice_of_an_endpoint_is_explained(cloud: &Cloud) {
    let session = cloud.heat.adapter().session();
    let explanation = cloud.heat.adapter().explain().await.unwrap();
    let endpoint = explanation.endpoint().unwrap();
    assert_eq!(endpoint.url, cloud.heat.adapter().endpoint().await.unwrap());
    assert_eq!(endpoint.api_version, Some((1, 0).into()));
    assert_eq!(endpoint.status, Some(VersionStatus::Current));
    assert_eq!(explanation.source(), Some(EndpointSource::Catalog));
    let chosen: Vec<_> = explanation
        .considered()
        .iter()
        .filter(|considered| considered.verdict == Verdict::Chosen)
        .map(|considered| considered.interface)
        .collect();
    assert_eq!(chosen, [Interface::Public]);
    // The versioned path has no document; the root has one.
    let probe = explanation.probes().last().unwrap();
    assert_eq!(probe.versions.last().unwrap().version, (1, 0).into());
    assert_eq!((explanation.problem(), explanation.advice()), (None, None));
    let text = explanation.to_string();
    assert!(text.contains("API version: 1.0 (CURRENT)\n"), "{text}");

    let nowhere = session.adapter("orchestration").region("Mars").build();
    let explanation = nowhere.explain().await.unwrap();
    assert!(explanation.endpoint().is_none());
    assert!(!explanation.considered().is_empty());
    for considered in explanation.considered() {
        assert_eq!(considered.verdict, Verdict::OtherRegion);
    }
    let problem = explanation.problem().unwrap();
    assert_eq!(problem, nowhere.endpoint().await.unwrap_err().to_string());
    assert!(
        problem.contains("in region Mars; available regions: RegionOne"),
        "{problem}"
    );
    assert!(explanation.advice().is_some());
}

pub(crate) async fn the_versions_of_all_services_are_known(cloud: &Cloud) {
    let session = cloud.heat.adapter().session();
    let region = Some("RegionOne");
    let public = [Interface::Public];
    let all = session
        .all_version_data(&public, region, None)
        .await
        .unwrap();
    let newest = |service_type: &str| {
        let service = all
            .iter()
            .find(|service| service.service_type == service_type);
        let service = service.unwrap();
        assert!(service.is_discovered, "{service:?}");
        service.versions.last().unwrap().version
    };
    assert_eq!(newest("orchestration"), (1, 0).into());
    assert_eq!(newest("identity").major(), Some(3));
    let heat = session.all_version_data(&public, region, Some("orchestration"));
    assert_eq!(heat.await.unwrap().len(), 1);
}
