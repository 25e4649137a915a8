//! The tests of the guard can fail: with each planted defect of the guard, one of them does.

use std::panic::{AssertUnwindSafe, catch_unwind};

use groupsync::defects::{Defect, plant};

use super::{guard, limits, rules};

#[test]
fn each_defect_of_the_guard_turns_a_test_red() {
    let red: [(Defect, fn()); 10] = [
        (Defect::GuardForgetsGroups, limits::each_limit_counts_its_own_kind_up_to_itself_and_holds_beyond),
        (
            Defect::GuardForgetsFleet,
            limits::a_limit_of_the_fleet_holds_every_customer_it_touches_and_no_other,
        ),
        (Defect::GuardForgetsSource, limits::a_source_and_leavers_are_counted_once_over_all_customers),
        (Defect::GuardForgetsGroupLimit, guard::a_limit_holds_every_change_of_the_customer_and_no_withdrawal),
        (Defect::WithdrawalsHeld, guard::a_limit_holds_every_change_of_the_customer_and_no_withdrawal),
        (Defect::HoldsTrimmed, guard::a_limit_holds_every_change_of_the_customer_and_no_withdrawal),
        (Defect::OverrideForAnything, guard::an_override_releases_the_plan_it_names_until_it_ends),
        (Defect::ConditionsIgnored, limits::a_condition_that_somebody_wrote_on_our_row_stays_as_it_is),
        (Defect::EveryRowIsOurs, limits::a_row_that_is_not_ours_goes_only_where_everything_says_that_it_may),
        (Defect::ProtectionIgnored, rules::a_protected_group_keeps_its_roles),
    ];
    for (defect, test) in red {
        test();
        plant(Some(defect));
        let found = catch_unwind(AssertUnwindSafe(test));
        plant(None);
        assert!(found.is_err(), "{defect:?}: the test does not see it");
    }
}
