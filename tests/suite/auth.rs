//! Logins with every plugin, through the loaders.

use heatclient::loading::plugin_loader;
use heatclient::{Client, Error, ErrorKind, Session};
use heatclient_test_support::cloud::Cloud;

/// Passes the names of the cases to a macro, so that all rings define the same tests.
#[macro_export]
macro_rules! auth_cases {
    ($run:ident) => {
        $run! {
            a_password_logs_in_by_names
            a_password_logs_in_by_ids
            an_unversioned_url_is_discovered
            an_application_credential_logs_in
            a_token_logs_in
            an_endpoint_and_a_token_do
            refused_logins_say_why
        }
    };
}

fn session(plugin: &str, options: &[(&str, &str)]) -> Result<Session, Error> {
    Ok(Session::new(
        plugin_loader(plugin)?.load(options.iter().copied())?,
    ))
}

/// Lists stacks, and checks that it was done as demo in project demo.
async fn works(session: Session, cloud: &Cloud) {
    let access = session.access().await.unwrap().expect("Keystone was asked");
    assert_eq!(access.user_id(), Some(cloud.facts.user_id.as_str()));
    assert_eq!(access.project_id(), Some(cloud.facts.project_id.as_str()));
    Client::new(session)
        .stacks()
        .list()
        .page_size(1)
        .limit(1)
        .await
        .unwrap();
}

fn names<'a>(cloud: &'a Cloud, password: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("auth_url", cloud.facts.auth_url.as_str()),
        ("username", "demo"),
        ("password", password),
        ("project_name", "demo"),
        ("user_domain_name", "Default"),
        ("project_domain_name", "Default"),
    ]
}

fn ids<'a>(cloud: &'a Cloud, project: &'a str) -> [(&'static str, &'a str); 4] {
    [
        ("auth_url", cloud.facts.auth_url.as_str()),
        ("user_id", cloud.facts.user_id.as_str()),
        ("password", "demo"),
        ("project_id", project),
    ]
}

pub(crate) async fn a_password_logs_in_by_names(cloud: &Cloud) {
    works(session("password", &names(cloud, "demo")).unwrap(), cloud).await;
    works(session("v3password", &names(cloud, "demo")).unwrap(), cloud).await;
}

pub(crate) async fn a_password_logs_in_by_ids(cloud: &Cloud) {
    let options = ids(cloud, &cloud.facts.project_id);
    works(session("v3password", &options).unwrap(), cloud).await;
}

pub(crate) async fn an_unversioned_url_is_discovered(cloud: &Cloud) {
    let root = cloud.facts.auth_url.trim_end_matches("v3").to_owned();
    let mut options = names(cloud, "demo");
    options[0].1 = &root;
    works(session("password", &options).unwrap(), cloud).await;
}

pub(crate) async fn an_application_credential_logs_in(cloud: &Cloud) {
    let by_id = [
        ("auth_url", cloud.facts.auth_url.as_str()),
        ("application_credential_id", &cloud.facts.credential_id),
        (
            "application_credential_secret",
            &cloud.facts.credential_secret,
        ),
    ];
    works(session("v3applicationcredential", &by_id).unwrap(), cloud).await;
}

pub(crate) async fn a_token_logs_in(cloud: &Cloud) {
    let first = session("password", &names(cloud, "demo")).unwrap();
    let access = first.access().await.unwrap().unwrap();
    let options = [
        ("auth_url", cloud.facts.auth_url.as_str()),
        ("token", access.token().expose()),
        ("project_id", &cloud.facts.project_id),
    ];
    works(session("token", &options).unwrap(), cloud).await;
    works(session("v3token", &options).unwrap(), cloud).await;
}

pub(crate) async fn an_endpoint_and_a_token_do(cloud: &Cloud) {
    let first = session("password", &names(cloud, "demo")).unwrap();
    let access = first.access().await.unwrap().unwrap();
    let endpoint = cloud.heat.adapter().endpoint().await.unwrap().to_string();
    let options = [
        ("endpoint", endpoint.as_str()),
        ("token", access.token().expose()),
    ];
    let heat = Client::new(session("admin_token", &options).unwrap());
    heat.stacks().list().limit(1).await.unwrap();
    let heat = Client::with_token(&endpoint, "not-a-token").unwrap();
    let error = heat.stacks().list().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
}

pub(crate) async fn refused_logins_say_why(cloud: &Cloud) {
    let wrong = session("password", &names(cloud, "wrong")).unwrap();
    let error = wrong.access().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.is_unauthorized());
    let id = error.request_id().expect("Keystone names each request");
    assert_eq!(
        error.to_string(),
        format!(
            "login as demo at {}: 401 Unauthorized: The request you have made requires authentication. (request {id})",
            cloud.facts.auth_url
        )
    );

    let foreign = session("v3password", &ids(cloud, &cloud.facts.foreign_project_id)).unwrap();
    let error = foreign.access().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Auth);

    // A token for one project gives no access to another.
    let endpoint = cloud.heat.adapter().endpoint().await.unwrap().to_string();
    let elsewhere = endpoint.replace(&cloud.facts.project_id, &cloud.facts.foreign_project_id);
    let session = session("password", &names(cloud, "demo")).unwrap();
    let heat = Client::builder(session)
        .endpoint_override(elsewhere.parse().unwrap())
        .build();
    let error = heat.stacks().list().await.unwrap_err();
    assert!(error.is_forbidden(), "{error}");
    assert!(error.request_id().is_some());

    // Without a project, the catalog has no endpoint.
    let options = [
        names(cloud, "demo")[0],
        ("user_id", &cloud.facts.user_id),
        ("password", "demo"),
        ("system_scope", "all"),
    ];
    let system = self::session("v3password", &options).unwrap();
    let error = Client::new(system).stacks().list().await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Auth | ErrorKind::Catalog),
        "{error}"
    );
}
