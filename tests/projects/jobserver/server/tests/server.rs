use server::Server;

#[test]
fn a_user_submits_jobs() {
    let server = Server::new();
    let session = server.login(1).expect("ada has a token");
    let job = server.submit(session, "mail", b"dear").expect("it is taken");
    assert!(server.submit(session, "image", b"cat").is_some() && server.submit(session, "film", b"").is_none());
    server.turn();
    server.turn();
    server.logout(session, job);
    assert!(server.submit(session, "mail", b"").is_none());
}

#[test]
fn users_work_side_by_side_while_limits_change() {
    let server = Server::new();
    std::thread::scope(|threads| {
        for user in [1, 2] {
            let server = &server;
            threads.spawn(move || {
                let session = server.login(user).expect("there are two tokens");
                for _ in 0..20 {
                    server.submit(session, "mail", b"hi");
                    server.turn();
                }
            });
        }
        threads.spawn(|| (1..20).for_each(|rate| server.reload(rate)));
    });
}
