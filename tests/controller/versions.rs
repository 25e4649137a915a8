//! Versions of the files: taken over as a whole, or refused as a whole, across restarts too.

use jiff::SignedDuration;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_change_of_the_files_is_carried_out_within_seconds() {
    let stage = stage_of(2);
    play(&stage, async |board| {
        seconds(120).await;
        let before = board.overview().revision.unwrap();
        stage.write("groups/readers.yaml", &readers(&[ADA]));
        seconds(20).await;
        let after = board.overview().revision.unwrap();
        assert_ne!(before.digest, after.digest);
        for number in 0..2 {
            assert_eq!(members(&stage, number, "readers"), ["ada@fabrikam.example"]);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_person_new_in_the_files_is_read_before_anybody_looks_for_her() {
    let stage = Stage::new(
        |dir| {
            fleet(dir, 2);
            stage::write(dir, "groups/readers.yaml", &readers(&[ADA, GRACE, JOAN]));
        },
        1,
        |_| {},
    );
    stage.write("groups/readers.yaml", &readers(&[ADA, GRACE]));
    play(&stage, async |board| {
        seconds(120).await;
        stage.write("groups/readers.yaml", &readers(&[ADA, GRACE, JOAN]));
        seconds(90).await;
        assert_eq!(members(&stage, 1, "readers").len(), 3);
        assert!(all_good(board));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_broken_version_is_refused_and_grants_end_all_the_same_also_after_a_restart() {
    let stage = stage_of(1);
    let start = stage.clock.now();
    let at = |minutes: i64| start.saturating_add(SignedDuration::from_mins(minutes)).unwrap();
    let text = grant(ADA, &at(0).to_string(), &at(60).to_string());
    stage.write("customers/customer-0/grants/inc-1.yaml", &text);
    let kept = tempfile::tempdir().unwrap();
    play_with(&stage, stage.client(), past(kept.path(), &stage), async |board| {
        seconds(120).await;
        assert_eq!(members(&stage, 0, "breakglass"), ["ada@fabrikam.example"]);
        stage.write("groups/readers.yaml", "this is: [not a group\n");
        seconds(10).await;
        let overview = board.overview();
        let refused = overview.refused.expect("it is refused");
        assert!(!refused.problems.is_empty());
        assert_eq!(overview.revision.unwrap().accepted, start, "the first version stays in force");
        assert_eq!(members(&stage, 0, "readers").len(), 2, "nobody went");
    })
    .await;
    // Another process: all it finds is the broken version.
    play_with(&stage, stage.client(), past(kept.path(), &stage), async |board| {
        seconds(10).await;
        assert!(board.overview().refused.is_some());
        assert_eq!(board.overview().revision.unwrap().from, "the journal");
        pass(Duration::from_hours(1)).await;
        assert_eq!(members(&stage, 0, "breakglass"), Vec::<String>::new(), "the grant has ended");
        assert_eq!(members(&stage, 0, "readers").len(), 2, "nobody else went");
        stage.write("groups/readers.yaml", &readers(&[ADA]));
        seconds(20).await;
        assert!(board.overview().refused.is_none());
        assert_eq!(members(&stage, 0, "readers"), ["ada@fabrikam.example"]);
    })
    .await;
}

/// A new pod starts before Git has filled its directory: the files kept beside the journal are in force, and the kill switch
/// with them.
#[tokio::test(start_paused = true)]
async fn a_stop_outlives_the_process_until_the_directory_says_that_it_is_gone() {
    let stage = stage_of(1);
    let kept = tempfile::tempdir().unwrap();
    stage.write("STOP", "incident 42\n");
    play_with(&stage, stage.client(), past(kept.path(), &stage), async |board| {
        seconds(60).await;
        assert_eq!(board.overview().stopped.as_deref(), Some("incident 42"));
    })
    .await;
    let (dir, away) = (stage.dir.path(), kept.path().join("away"));
    std::fs::rename(dir, &away).unwrap();
    play_with(&stage, stage.client(), past(kept.path(), &stage), async |board| {
        seconds(120).await;
        assert_eq!(board.overview().revision.unwrap().from, "the journal");
        assert_eq!(board.overview().stopped.as_deref(), Some("incident 42"));
        std::fs::create_dir(dir).unwrap();
        seconds(60).await;
        assert!(board.overview().stopped.is_some(), "an empty directory says nothing either");
        assert!(written(&stage).is_empty(), "{:#?}", written(&stage));
        std::fs::remove_dir(dir).unwrap();
        std::fs::remove_file(away.join("STOP")).unwrap();
        std::fs::rename(&away, dir).unwrap();
        seconds(120).await;
        assert_eq!(board.overview().stopped, None);
        assert_eq!(members(&stage, 0, "readers").len(), 2);
    })
    .await;
    play_with(&stage, stage.client(), past(kept.path(), &stage), async |board| {
        seconds(60).await;
        assert_eq!(board.overview().stopped, None, "what is over is not kept");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_customer_that_vanishes_from_the_files_is_refused_and_so_is_another_tenant() {
    let stage = stage_of(2);
    let kept = tempfile::tempdir().unwrap();
    play_with(&stage, stage.client(), past(kept.path(), &stage), async |board| {
        seconds(60).await;
        std::fs::remove_dir_all(stage.dir.path().join("customers/customer-1")).unwrap();
        seconds(10).await;
        let refused = board.overview().refused.expect("it is refused");
        assert!(refused.problems.iter().any(|p| p.message.contains("is gone")), "{refused:#?}");
        assert_eq!(board.customers().len(), 2, "it is looked after all the same");
    })
    .await;
    play_with(&stage, stage.client(), past(kept.path(), &stage), async |board| {
        let other = customer(1).replace(&tenant(1).to_string(), &tenant(9).to_string());
        stage.write("customers/customer-1/customer.yaml", &other);
        seconds(10).await;
        let refused = board.overview().refused.expect("it is refused");
        assert!(refused.problems.iter().any(|p| p.message.contains("before")), "{refused:#?}");
        stage.write("customers/customer-1/customer.yaml", &customer(1));
        seconds(10).await;
        assert!(board.overview().refused.is_none());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn without_any_usable_version_it_waits_for_one() {
    let stage = stage_of(1);
    let good = std::fs::read_to_string(stage.dir.path().join("partner.yaml")).unwrap();
    stage.write("partner.yaml", "nothing\n");
    play(&stage, async |board| {
        seconds(60).await;
        assert!(board.overview().revision.is_none() && board.overview().refused.is_some());
        stage.write("partner.yaml", &good);
        seconds(90).await;
        assert_eq!(members(&stage, 0, "readers").len(), 2);
    })
    .await;
}

/// A `ConfigMap` as the kubelet mounts it: links into `..data`, itself a link that is swapped.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_mounted_config_map_is_swapped_as_a_whole() {
    use std::os::unix::fs::symlink;

    let stage = stage_of(1);
    let root = stage.dir.path();
    let version = |number: usize, people: &[&str]| {
        let dir = format!("..2030_{number}");
        stage::write(root, &format!("{dir}/readers.yaml"), &readers(people));
        symlink(&dir, root.join("..next")).unwrap();
        std::fs::rename(root.join("..next"), root.join("..data")).unwrap();
    };
    version(1, &[ADA, GRACE]);
    std::fs::remove_dir_all(root.join("groups")).unwrap();
    symlink("..data/readers.yaml", root.join("readers.yaml")).unwrap();
    if groupsync::desired::read(root).state.is_none() {
        // The language wants partner groups in their folder: then that is the link.
        std::fs::remove_file(root.join("readers.yaml")).unwrap();
        std::fs::create_dir(root.join("..2030_1/groups")).unwrap();
        std::fs::rename(root.join("..2030_1/readers.yaml"), root.join("..2030_1/groups/readers.yaml"))
            .unwrap();
        symlink("..data/groups", root.join("groups")).unwrap();
    }
    play(&stage, async |_| {
        seconds(120).await;
        assert_eq!(members(&stage, 0, "readers").len(), 2);
        let inside = if root.join("groups").exists() { "groups/" } else { "" };
        stage::write(root, &format!("..2030_2/{inside}readers.yaml"), &readers(&[GRACE]));
        symlink("..2030_2", root.join("..next")).unwrap();
        std::fs::rename(root.join("..next"), root.join("..data")).unwrap();
        seconds(20).await;
        assert_eq!(members(&stage, 0, "readers"), ["grace@fabrikam.example"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_cloud_or_an_application_that_counts_only_from_the_next_start_is_said_until_then() {
    use groupsync::controller::notify::trouble::Troubles;

    let stage = stage_of(1);
    let before = std::fs::read_to_string(stage.dir.path().join("partner.yaml")).unwrap();
    play(&stage, async |board| {
        seconds(120).await;
        assert_eq!(board.overview().outdated, None);
        for (line, said) in [
            ("  cloud: china\n", "cloud china"),
            ("  clientId: 99999999-1111-4000-8000-000000000001\n", "application 99999999"),
        ] {
            stage.write("partner.yaml", &format!("{before}{line}"));
            seconds(30).await;
            let outdated = board.overview().outdated.expect("it is said");
            assert!(outdated.contains(said), "{outdated}");
            let troubles = Troubles::on(board, stage.clock.now());
            assert!(troubles.all.keys().any(|trouble| trouble.code == "restartNeeded"), "{troubles:#?}");
        }
        assert!(all_good(board), "what is in force is looked after as before");
        stage.write("partner.yaml", &before);
        seconds(30).await;
        assert_eq!(board.overview().outdated, None);
    })
    .await;
}
