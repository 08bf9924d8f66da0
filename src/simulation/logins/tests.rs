//! Every death at every step, any order of steps, and what each precaution is for.

use fastrand::Rng;

use super::process::{Sabotage, Step};
use super::world::World;

/// The steps of one process alone, up to its end: how many there are, and what each of them is.
fn steps_alone() -> Vec<String> {
    let mut world = World::new(1, Sabotage::Nothing);
    let mut steps = Vec::new();
    while world.processes[0].goes_on() {
        let step = format!("{:?}", world.processes[0].step);
        steps.push(step.split(['(', ' ']).next().unwrap_or_default().to_owned());
        world.step(0);
    }
    assert_eq!(world.faults, Vec::<String>::new());
    steps
}

#[test]
fn a_renewal_has_these_steps() {
    let expected = ["Reads", "Takes", "ReadsAgain", "Notes", "Sends", "Saves", "Ends", "Asks"];
    assert_eq!(steps_alone(), expected);
}

#[test]
fn a_process_may_die_before_each_step_and_only_with_an_answer_in_its_hands_is_a_login_lost() {
    for at in 0..steps_alone().len() {
        let mut world = World::new(2, Sabotage::Nothing);
        for _ in 0..at {
            world.step(0);
        }
        let step = format!("{:?}", world.processes[0].step);
        let has_answer = matches!(world.processes[0].step, Step::Saves(..));
        world.die(0);
        world.finish();
        assert_eq!(world.faults, Vec::<String>::new(), "died before {step}");
        assert_eq!(world.lost, u32::from(has_answer), "died before {step}");
    }
}

/// One story: who steps, who dies, who signs in.
fn story(seed: u64, sabotage: Sabotage) -> Vec<String> {
    let mut chance = Rng::with_seed(seed);
    let processes = chance.u32(1..6);
    let mut world = World::new(processes, sabotage);
    let has_deaths = chance.bool();
    let has_person = chance.u8(0..4) == 0;
    let mut may_sign_in = has_person;
    for _ in 0..chance.usize(0..80) {
        let index = chance.usize(0..processes as usize);
        match chance.u8(0..40) {
            0 if has_deaths => world.die(index),
            1 if may_sign_in => {
                may_sign_in = false;
                world.sign_in();
            }
            _ => world.step(index),
        }
    }
    world.finish();
    world.faults
}

const STORIES: u64 = 20_000;

#[test]
fn no_story_loses_a_login_that_could_be_kept() {
    for seed in 0..STORIES {
        assert_eq!(story(seed, Sabotage::Nothing), Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn each_precaution_that_is_left_out_shows() {
    use Sabotage::{Comparison, Lease, Note, Patience, SaveFirst, SecondLook};
    for sabotage in [Lease, SecondLook, SaveFirst, Comparison, Patience, Note] {
        let shows = (0..STORIES).any(|seed| !story(seed, sabotage).is_empty());
        assert!(shows, "{sabotage:?} changes nothing");
    }
}
