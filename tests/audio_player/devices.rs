//! What the player does to the device it plays through.

use trackyard_tui::audio::{Command, DeviceEvent, Event};

use super::rig::{Answer, Rig, Server, sine, wav};

#[test]
fn dropped_in_the_middle_of_the_sound_it_fades_out_first() {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 6.0))));
    // While it plays, and in the moment after a stop.
    for stopped in [false, true] {
        let mut rig = Rig::new();
        rig.send(Command::Volume(1.0));
        rig.play(&server.url("/a"));
        rig.wait_until("the tone is heard", |rig| rig.heard(440.0));
        if stopped {
            rig.send(Command::Stop);
        }
        rig.drop_player();
        let sound = rig.sound();
        let end = &sound[sound.len() - 100..];
        assert!(
            end.iter().all(|sample| sample.abs() < 1e-4),
            "it ends in the middle of the tone: {end:?}"
        );
        let jump = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        // At half of full scale the tone moves by 0.031 a sample, and a ramp of 8 ms adds little to that.
        assert!(jump < 0.04, "a click of {jump}");
    }
}

#[test]
fn what_runs_dry_in_a_pause_makes_no_buffer_larger() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audio-buffers");
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 6.0))));
    let mut rig = Rig::made(|options| options.buffers = Some(file.clone()));
    rig.play(&server.url("/a"));
    rig.wait_until("the tone is heard", |rig| rig.heard(440.0));
    rig.send(Command::Pause);
    rig.wait_until("it is silent", |rig| {
        rig.sound().iter().rev().take(4_410).all(|sample| sample.abs() < 1e-4)
    });
    rig.output.run_dry();
    rig.output.run_dry();
    // Which comes two seconds after the pause, and so after these.
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Released));
    assert!(!file.exists(), "it would be remembered for ever");
}
