//! Three proxies that share a Redis are one to strangers and to their clients, and each goes on alone
//! when it has to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::join_all;
use mxray_facts::{Contact, MxFacts, Observation, PolicyFetch, PolicyOutcome};
use mxray_lab::Lab;
use tokio::net::TcpListener;
use tokio::time::timeout;

use world::{Client, World, domain};

const CLIENTS: u8 = 200;
const DOMAINS: usize = 50;

/// A mail server that speaks TLS is connected to twice: the second time for old versions of TLS.
const A_LOOK: usize = 2;

/// How long to wait for what has to happen.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn each_mail_host_is_talked_to_once_for_all_clients_of_all_replicas() {
    let special = (0..DOMAINS).map(|_| String::new());
    let Some(world) = World::start(special, &[]).await else { return };
    let entrance = world.entrance();
    join_all((0..CLIENTS).map(async |number| {
        let mut client = Client::at(entrance.address(number), number).await;
        for step in 0..DOMAINS {
            // They neither begin with the same one nor go the same way.
            let step = (step * (1 + 2 * usize::from(number % 5)) + usize::from(number)) % DOMAINS;
            let (status, body) = client.get(&format!("/v1/mx?domain={}", domain(step))).await;
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
            assert!(is_talked_to(&body), "{}", String::from_utf8_lossy(&body));
        }
    }))
    .await;
    let connections = (0..DOMAINS).map(|number| connections(&world.lab, number));
    assert_eq!(connections.collect::<Vec<_>>(), [A_LOOK; DOMAINS]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_replica_takes_no_answer_with_it() {
    const PLAIN: usize = 20;
    let slow = "policy = { delay_ms = 2000 }".to_owned();
    let special = [slow].into_iter().chain((0..PLAIN).map(|_| String::new()));
    let Some(mut world) = World::start(special, &[]).await else { return };
    let path = format!("/v1/policy?domain={}", domain(0));
    let asked = |replica: usize| {
        let (address, path) = (world.replicas[replica], path.clone());
        tokio::spawn(async move { Client::at(address, 1).await.try_get(&path).await })
    };
    let first = asked(0);
    let policy_host = format!("mta-sts.{}", domain(0));
    while world.lab.https_log(&policy_host).is_empty() {
        tokio::task::yield_now().await;
    }
    // The others wait for what the first sees, which never comes.
    let others = [asked(1), asked(2)];
    world.kill(0);
    assert!(first.await.unwrap().is_err(), "it died in the middle of its look");
    for other in others {
        let (status, body) = timeout(PATIENCE, other).await.unwrap().unwrap().unwrap();
        assert_eq!(status, 200);
        let fetch: Observation<PolicyFetch> = serde_json::from_slice(&body).unwrap();
        let outcome = fetch.unwrap().outcome;
        assert!(matches!(outcome, PolicyOutcome::Response(_)), "{outcome:?}");
    }
    assert_eq!(world.lab.https_log(&policy_host).len(), 2, "one of the two looked again, for both");
    // Behind a web server nobody notices, not even who is in the middle of it when the next one dies.
    let Some(entrance) = world.entrance().nginx() else { return };
    let clients: Vec<_> = (0..30)
        .map(|number| {
            tokio::spawn(async move {
                let mut client = Client::at(entrance, number).await;
                for number in 1..=PLAIN {
                    let (status, body) =
                        client.get(&format!("/v1/mx?domain={}", domain(number))).await;
                    assert!(status == 200 && is_talked_to(&body), "{status}");
                }
            })
        })
        .collect();
    while connections(&world.lab, PLAIN / 2) == 0 {
        tokio::task::yield_now().await;
    }
    world.kill(1);
    for client in clients {
        timeout(PATIENCE, client).await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_redis_takes_no_answer_with_it_and_is_noticed_when_it_is_back() {
    let special = (0..DOMAINS).map(|_| String::new());
    let Some(mut world) = World::start(special, &[]).await else { return };
    let shared = async |world: &World, wanted: &str| {
        let wanted = format!(r#""sharing":"{wanted}""#);
        for replica in world.replicas {
            let mut client = Client::at(replica, 1).await;
            let told = async { while !client.text("/healthz").await.contains(&wanted) {} };
            timeout(PATIENCE, told).await.unwrap_or_else(|_| panic!("{replica} is not {wanted}"));
        }
    };
    shared(&world, "on").await;
    let asked: Vec<_> = (0..DOMAINS - 1)
        .map(|number| {
            let replica = world.replicas[number % 3];
            let path = format!("/v1/mx?domain={}", domain(number));
            tokio::spawn(async move { Client::at(replica, 1).await.get(&path).await })
        })
        .collect();
    while connections(&world.lab, 0) == 0 {
        tokio::task::yield_now().await;
    }
    world.kill_redis();
    for answer in asked {
        let (status, body) = timeout(PATIENCE, answer).await.unwrap().unwrap();
        assert_eq!(status, 200);
        assert!(is_talked_to(&body), "{}", String::from_utf8_lossy(&body));
    }
    shared(&world, "lost").await;
    let metrics = Client::at(world.metrics[0], 1).await.text("/metrics").await;
    assert!(metrics.contains("\nmxray_shared 0\n"), "{metrics}");

    world.start_redis();
    shared(&world, "on").await;
    let path = format!("/v1/mx?domain={}", domain(DOMAINS - 1));
    let answers = world.replicas.map(|replica| {
        let path = &path;
        async move { Client::at(replica, 1).await.get(path).await.0 }
    });
    assert_eq!(join_all(answers).await, [200; 3]);
    assert_eq!(connections(&world.lab, DOMAINS - 1), A_LOOK, "they look together again");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_three_replicas_has_one_allowance() {
    let switches = ["--per-client=60/3600s", "--trusted-proxy=127.1.0.0/24"];
    let Some(world) = World::start([], &switches).await else { return };
    let mut statuses = HashMap::<u16, u32>::new();
    for number in 0..90 {
        let mut client = Client::at(world.replicas[number % 3], 0).await;
        let (status, _) = client.get_for("192.0.2.1", "/v1/policy?domain=192.0.2.1").await;
        *statuses.entry(status).or_default() += 1;
    }
    assert_eq!(statuses, HashMap::from([(400, 60), (429, 30)]));
    let mut other = Client::at(world.replicas[0], 0).await;
    assert_eq!(other.get_for("192.0.2.2", "/v1/policy?domain=192.0.2.1").await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_address_is_connected_to_as_often_as_if_there_were_one_replica() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let route = format!("--route=1.1.1.1:25={}", listener.local_addr().unwrap());
    let special = (0..20).map(|_| "[records.mail]\nA = ['1.1.1.1']".to_owned());
    let switches = ["--smtp-port=25", "--per-address=10/3600s", &route];
    let Some(world) = World::start(special, &switches).await else { return };
    let accepted = tokio::spawn(async move {
        let mut accepted = 0;
        while accepted < 10 && listener.accept().await.is_ok() {
            accepted += 1;
        }
        // Whoever comes now is one too many.
        listener
    });
    let mut statuses = HashMap::<u16, u32>::new();
    for number in 0..20 {
        let mut client = Client::at(world.replicas[number % 3], 0).await;
        let path = format!("/v1/mx?domain={0}&host=mail.{0}", domain(number));
        *statuses.entry(client.get(&path).await.0).or_default() += 1;
    }
    assert_eq!(statuses, HashMap::from([(200, 10), (429, 10)]));
    let listener = timeout(PATIENCE, accepted).await.unwrap().unwrap();
    assert!(timeout(Duration::ZERO, listener.accept()).await.is_err(), "nobody came besides");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_in_redis_is_of_one_version_and_ends_and_nothing_else_is_believed() {
    let switches = ["--trusted-proxy=127.1.0.0/24"];
    let Some(world) = World::start([String::new(), String::new()], &switches).await else { return };
    let redis = redis::Client::open(format!("redis://{}", world.redis_at)).unwrap();
    let mut redis = redis.get_connection().unwrap();
    let ask = async |number: usize| {
        let mut client = Client::at(world.replicas[number % 3], 0).await;
        let path = format!("/v1/policy?domain={}", domain(number));
        let (status, body) = client.get_for("192.0.2.1", &path).await;
        assert_eq!(status, 200);
        let fetch: Observation<PolicyFetch> = serde_json::from_slice(&body).unwrap();
        assert!(matches!(fetch.unwrap().outcome, PolicyOutcome::Response(_)));
    };
    // As a version to come might write it, under a key of today's by mistake.
    let foreign =
        [("mxray:1:policy:d1.example", "={\"Ok\":{}}"), ("mxray:2:policy:d0.example", "=")];
    for (key, value) in foreign {
        redis::cmd("SET").arg(key).arg(value).exec(&mut redis).unwrap();
    }
    ask(0).await;
    ask(1).await;
    let mut keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut redis).unwrap();
    keys.retain(|key| foreign.iter().all(|(own, _)| own != key));
    assert!(keys.iter().any(|key| key == "mxray:1:policy:d0.example"), "{keys:?}");
    for key in keys {
        assert!(key.starts_with("mxray:1:"), "{key}");
        let left: i64 = redis::cmd("PTTL").arg(&key).query(&mut redis).unwrap();
        // What is left of an allowance is over within milliseconds.
        assert!(left == -2 || (0..=60_000).contains(&left), "{key}: {left} ms");
    }
}

/// How often the mail server of a domain was connected to.
fn connections(lab: &Lab, number: usize) -> usize {
    lab.smtp_log(&format!("mail.{}", domain(number))).connections
}

/// Whether there was a conversation with the one mail host.
fn is_talked_to(body: &[u8]) -> bool {
    let facts: Observation<MxFacts> = serde_json::from_slice(body).unwrap();
    let hosts = facts.unwrap().hosts;
    let sessions = hosts.iter().flat_map(|host| &host.sessions);
    sessions.filter(|session| matches!(session.contact, Ok(Contact::Talked(_)))).count() == 1
}
