/* The ECUs of one campaign change over together or go back together: whatever an ECU does, and whenever the gateway loses its power, the
   set is all new, all old, or the vehicle says that it is not.

   The code: core/update/machine_work.cpp, from the step `staging` on, with the state that the gateway saves. Names are those of the code.
   REMOVED and ALSO_REMOVED switch guards off by number, as in key_compromise.pml. Each line that begins with STEP is what
   decide() was told and what it made of that; tests/models replays them on the C++ (spin's simulation prints them, a search does not).

   An ECU does what it is told, refuses, is silent (having done it, or not), says something that is not to be believed, or falls back by
   itself; the gateway's power fails, between saving and acting above all. So often in one run: MISFORTUNES_MAX.

   Left out: what comes before staging, conditions of the vehicle that make an ECU wait, and a delivery that an ECU cannot open. */

#define ECUS 3
#ifndef MISFORTUNES_MAX
#define MISFORTUNES_MAX 3
#define REFUSALS_MAX 0
#define TRIES_MAX 1
#endif

/* Guards, by the numbers that models/check.py reads from these lines. */
#define stage_all_before_activating 1
#define activate_all_before_confirming 2
#define confirm_all_before_the_end 3
#define undo_all 4
#define wait_until_all_are_back 5
#define save_before_acting 6
#define say_again_after_start 7
#define hear_only_the_current_step 8
#define patience_when_confirming 9
#define declare_before_activating 10
#define remember_stuck 11

#define ON(guard) (removed != guard && also_removed != guard)

/* Step, and the work that it asks of each ECU. */
#define staging 1
#define activating 2
#define confirming 3
#define undoing 4
#define over 5

#define waiting 0               /* progress */
#define busy 1
#define done 2

#define did 1                   /* what an ECU's work ended with; 0: it has not */
#define refused 2
#define silent 3
#define unbelievable 4
#define began 0                 /* other events */
#define time_passed 5
#define started 6

#define old 0                   /* what an ECU runs */
#define old_and_staged 1
#define new_on_trial 2
#define new_committed 3

/* Kinds of breach, for check.py. */
#define UNDECLARED 1            /* mixed or on trial, and the vehicle may be driven */
#define OVERDECLARED 2          /* it may not, and there is no reason */
#define FALSE_END 3             /* "activated", and not all are committed; or not, and none is stuck, and not all are old */
#define NEEDLESS_MIX 4          /* some committed, others not, though no ECU broke its word */
#define NO_END 5
#define TOO_EARLY 6             /* an ECU runs the new image, and another has none */

c_decl {
    static int from_environment(const char* name) { const char* text = getenv(name); return text ? atoi(text) : 0; }
}

byte removed, also_removed;
byte misfortunes;

/* The gateway's state, and what of it is saved. */
byte step, saved_step;
bool activated, saved_activated;
byte progress[ECUS], saved_progress[ECUS];
byte tries[ECUS], saved_tries[ECUS];
byte refusals[ECUS], saved_refusals[ECUS];
bool stuck[ECUS], saved_stuck[ECUS];
bool paused[ECUS];              /* not before some time has passed */
bool unsaved;                   /* only where it acts first */

/* What is under way: lost with the gateway's power. */
bool stop, flash[ECUS];         /* actions of one decision */
byte order[ECUS];               /* the work that an ECU was told */
byte said_work[ECUS], said_how[ECUS];

/* The world. */
byte bank[ECUS];
bool broke_word;                /* an ECU refused, fell back or lied after it had staged */
bool unheard;                   /* one was given up for silence */
bool says_activated;
byte e, i, n, kind;

inline must_not(what, breach) {
    if
    :: (breach) -> kind = what; c_code { printf("BREACH %d 0 0 0\n", now.kind); }; assert(false)
    :: else
    fi
}

#define ALL(a, is) (a[0] is && a[1] is && a[2] is)
#define ANY(a, is) (a[0] is || a[1] is || a[2] is)
#define MIXED (ANY(bank, >= new_on_trial) && ANY(bank, < new_on_trial))
#define TOLD ((step != over && activated) || ANY(stuck, == true))

inline start_members() {
    i = 0;
    do
    :: i < ECUS ->
       if :: progress[i] == waiting && !paused[i] -> progress[i] = busy; flash[i] = true :: else fi;
       i++
    :: else -> break
    od;
    i = 0
}
inline enter(which) {
    step = which;
    if :: which == activating && ON(declare_before_activating) -> activated = true :: else fi;
    i = 0;
    do
    :: i < ECUS -> progress[i] = waiting; tries[i] = 0; refusals[i] = 0; paused[i] = false; i++
    :: else -> break
    od;
    start_members()
}
inline finish(is_activated) {
    says_activated = is_activated;
    step = over; activated = false;
    i = 0;
    do
    :: i < ECUS -> progress[i] = waiting; tries[i] = 0; refusals[i] = 0; paused[i] = false; i++
    :: else -> break
    od;
    i = 0
}

#define MAY_ADVANCE (ALL(progress, == done) || (step == staging && !ON(stage_all_before_activating)) ||  \
    (step == activating && !ON(activate_all_before_confirming)) ||                                       \
    (step == confirming && !ON(confirm_all_before_the_end)) || (step == undoing && !ON(wait_until_all_are_back)))
inline advance() {
    if
    :: step == staging -> enter(activating)
    :: step == activating -> enter(confirming)
    :: step == confirming -> finish(true)
    :: step == undoing -> finish(false)
    fi
}
inline give_up() {
    if
    :: step == undoing ->
       if :: activated && ON(remember_stuck) -> stuck[e] = true :: else fi;
       progress[e] = done; paused[e] = false;
       if :: MAY_ADVANCE -> advance() :: else fi
    :: else ->
       stop = true;
       enter(undoing);
       i = 0;
       do
       :: i < ECUS -> if :: i != e && !ON(undo_all) -> progress[i] = done; flash[i] = false :: else fi; i++
       :: else -> break
       od;
       i = 0
    fi
}
inline on_failure(how) {
    progress[e] = waiting; paused[e] = true; tries[e]++;
    if
    :: how == refused ->
       refusals[e]++;
       if :: refusals[e] > REFUSALS_MAX -> give_up() :: else fi
    :: how == silent && tries[e] > TRIES_MAX ->
       if
       :: step == confirming && ON(patience_when_confirming) -> tries[e] = TRIES_MAX
       :: else -> unheard = true; give_up()
       fi
    :: how == unbelievable -> give_up()
    :: else
    fi
}

inline save() {
    saved_step = step; saved_activated = activated;
    i = 0;
    do
    :: i < ECUS ->
       saved_progress[i] = progress[i]; saved_tries[i] = tries[i]; saved_refusals[i] = refusals[i]; saved_stuck[i] = stuck[i];
       i++
    :: else -> break
    od;
    i = 0; unsaved = false
}
inline act() {
    i = 0;
    do
    :: i < ECUS ->
       if :: stop -> order[i] = 0 :: else fi;
       if :: flash[i] -> order[i] = step :: else fi;
       flash[i] = false; i++
    :: else -> break
    od;
    i = 0; stop = false
}
inline tell(event, work) {
    printf("STEP %d %d %d | %d %d  %d %d %d  %d %d %d  %d %d %d\n", event, e, work, step, activated, progress[0], progress[1], progress[2],
           stuck[0], stuck[1], stuck[2], flash[0], flash[1], flash[2])
}
inline save_and_act() {
    if
    :: ON(save_before_acting) ->
       save();
       if :: act() :: misfortunes < MISFORTUNES_MAX -> misfortunes++; start_again() fi
    :: else -> act(); unsaved = true
    fi
}

inline hear() {
    kind = said_how[e]; n = said_work[e];
    said_how[e] = 0; said_work[e] = 0;
    if
    :: progress[e] == busy && (n == step || !ON(hear_only_the_current_step)) ->
       if
       :: kind == did ->
          progress[e] = done;
          if :: step == activating -> activated = true :: else fi;
          if :: MAY_ADVANCE -> advance() :: else -> start_members() fi
       :: else -> on_failure(kind)
       fi
    :: else
    fi;
    tell(kind, n);
    kind = 0; n = 0;
    save_and_act()
}
inline pass_time() {
    i = 0;
    do :: i < ECUS -> paused[i] = false; i++ :: else -> break od;
    start_members();
    e = 0;
    tell(time_passed, 0);
    save_and_act()
}
/* Its power fails and comes again. */
inline start_again() {
    step = saved_step; activated = saved_activated; stop = false;
    i = 0;
    do
    :: i < ECUS ->
       progress[i] = saved_progress[i]; tries[i] = saved_tries[i]; refusals[i] = saved_refusals[i]; stuck[i] = saved_stuck[i];
       paused[i] = false; flash[i] = false; order[i] = 0; said_how[i] = 0; said_work[i] = 0;
       if :: progress[i] == busy && ON(say_again_after_start) -> progress[i] = waiting :: else fi;
       i++
    :: else -> break
    od;
    if :: step != over -> start_members() :: else fi;
    i = 0; e = 0;
    tell(started, 0);
    save(); act()
}

/* What an ECU is asked, each as often as one likes. */
inline obey() {
    said_how[e] = did;
    if
    :: order[e] == staging -> if :: bank[e] == old -> bank[e] = old_and_staged :: else fi
    :: order[e] == activating ->
       if :: bank[e] == old_and_staged -> bank[e] = new_on_trial :: bank[e] == old -> said_how[e] = refused :: else fi
    :: order[e] == confirming ->
       if :: bank[e] == new_on_trial -> bank[e] = new_committed :: bank[e] < new_on_trial -> said_how[e] = refused :: else fi
    :: order[e] == undoing ->
       if :: bank[e] == new_committed -> said_how[e] = refused :: else -> bank[e] = old fi
    fi
}
inline work() {
    said_work[e] = order[e];
    if
    :: obey()
    :: misfortunes < MISFORTUNES_MAX ->
       misfortunes++;
       if
       :: said_how[e] = refused; broke_word = broke_word || step > staging
       :: said_how[e] = unbelievable; broke_word = broke_word || step > staging
       :: said_how[e] = silent
       :: obey(); said_how[e] = silent
       fi
    fi;
    order[e] = 0
}

inline judge() {
    must_not(UNDECLARED, (MIXED || ANY(bank, == new_on_trial)) && !TOLD);
    must_not(OVERDECLARED, TOLD && step == staging);
    must_not(TOO_EARLY, step == activating && ANY(bank, == new_on_trial) && ANY(bank, == old) && !broke_word);
    must_not(NEEDLESS_MIX, step == over && ANY(bank, == new_committed) && !ALL(bank, == new_committed) && !broke_word);
    must_not(OVERDECLARED, step == over && TOLD && (ALL(bank, == new_committed) || ALL(bank, < new_on_trial)) && !unheard && !broke_word);
    must_not(FALSE_END, step == over && says_activated && !ALL(bank, == new_committed));
    must_not(FALSE_END, step == over && !says_activated && !ALL(bank, < new_on_trial) && ALL(stuck, == false))
}

active proctype vehicle() {
    atomic {
        c_code { now.removed = from_environment("REMOVED"); now.also_removed = from_environment("ALSO_REMOVED"); };
        enter(staging);
        tell(began, 0);
        save(); act()
    };
    do
    :: atomic { step == over -> break }
    :: atomic {
        step != over ->
        if
        :: e = 0 :: e = 1 :: e = 2
        fi;
        if
        :: order[e] != 0 && said_how[e] == 0 -> work()
        :: !unsaved && said_how[e] != 0 -> hear()
        :: bank[e] == new_on_trial && misfortunes < MISFORTUNES_MAX -> misfortunes++; bank[e] = old; broke_word = true
        :: !unsaved && ANY(paused, == true) -> pass_time()
        :: unsaved -> save()
        :: misfortunes < MISFORTUNES_MAX -> misfortunes++; start_again()
        :: else -> must_not(NO_END, ALL(order, == 0) && ALL(said_how, == 0) && ALL(paused, == false) && !unsaved)
        fi;
        judge();
        e = 0
       }
    od
}
