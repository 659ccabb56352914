/* One ECU with two banks: whatever the tester does and wherever its power fails, an image runs that was checked; a new one only on
   trial until somebody confirms it; and never again one older than the last committed.

   The code: core/flash/slots.cpp and slots_transfer.cpp (Slots), boot.cpp (decide), transfer_journal.cpp, bank_writer.cpp. A boot record is
   written whole or not at all; that this is so, trusted_state.pml shows. Names are those of the code. REMOVED and ALSO_REMOVED
   switch guards off by number, as in key_compromise.pml. Each line that begins with STEP is what happened and the flash after it;
   tests/models replays them on the C++ (spin's simulation prints them, a search does not).

   Images: 1 is committed in bank A at the beginning. 2 is good. 3 is older than 1, 4 does not do its work: nobody confirms it.
   A bank holds an image of SECTORS sectors; each is blank, torn, or of one image. A transfer may come with its name, so that it goes on
   after a cut, or without.

   Left out: sizes, hardware ids, how the bytes come (deltas, sealed images), a flash that fails without a power cut. */

#ifndef STEPS_MAX
#define CUTS_MAX 3
#define STEPS_MAX 9
#define MAY_CUT true            /* a simulation wants them seldom */
#define MAY_RESTART true
#endif
#define ATTEMPTS_MAX 3

/* Guards, by the numbers that models/check.py reads from these lines. */
#define forget_before_erase 1
#define end_journal_before_erase 2
#define erase_doubtful_sector 3
#define check_image_digest 4
#define refuse_older 5
#define refuse_during_trial 6
#define verify_at_boot 7
#define count_before_start 8
#define limit_attempts 9
#define commit_only_what_runs 10
#define raise_counter_at_commit_only 11

#define ON(guard) (removed != guard && also_removed != guard)

#define blank 0
#define torn 9
#define nobody 2                /* no bank runs: the boot loader */

#define settled 0
#define checked 1
#define armed 2
#define trial 3
#define returning 4

/* Kinds of breach, for check.py. */
#define NOTHING_BOOTS 1
#define UNCHECKED_RUNS 2        /* other bytes than those of one whole image, or one that nobody activated */
#define OLDER_RUNS 3            /* than the last that was committed */
#define ENDLESS_TRIAL 4
#define COUNTER 5               /* it rose without a commit */
#define BREAKS_DOWN 6           /* a program operation on cells that were not erased */

c_decl {
    static int from_environment(const char* name) { const char* text = getenv(name); return text ? atoi(text) : 0; }
}

byte removed, also_removed;
byte cuts, steps;

/* In flash. */
byte sector[4];                 /* bank * 2 + number: an image's, blank or torn */
byte image[2];                  /* the record's, of each bank; 0: none */
byte active_bank, phase, attempts, counter;
byte journal;                   /* the transfer that is half done; 0: none */

/* In memory: lost with the power. */
byte running;
byte arriving, arrived;         /* an image, and how many of its sectors */
bool erased;

/* What the world knows. */
byte committed, asked;          /* the newest that was committed; that which was activated */
byte starts;                    /* of an image on trial, one after the other */
bool damaged;                   /* a byte of what came was changed on the way */
byte i, kind;
hidden byte event, given, has_name;  /* for STEP; given: an image */

#define begins 1
#define writes 2
#define checks 3
#define activates 4
#define commits 5
#define forgets 6
#define returns 7
#define restarts 8

#define SPARE (1 - active_bank)
#define RELEASE(which) (which == 3 -> 0 : (which == 1 -> 1 : 2))
#define WHOLE(bank) (sector[bank * 2] == sector[bank * 2 + 1] && sector[bank * 2] != blank && sector[bank * 2] != torn)
#define GOOD(bank) (image[bank] != 0 && (!ON(verify_at_boot) || (WHOLE(bank) && sector[bank * 2] == image[bank])))

inline must_not(what, breach) {
    if
    :: (breach) -> kind = what; c_code { printf("BREACH %d 0 0 0\n", now.kind); }; assert(false)
    :: else
    fi
}

/* Its power may fail here. */
inline may_end() {
    if
    :: skip
    :: cuts < CUTS_MAX && MAY_CUT -> cuts++; goto power_cut
    fi
}

inline tell(has_power) {
    printf("STEP %d %d %d %d | %d %d %d %d  %d %d  %d %d %d %d %d %d\n", event, given, has_name, has_power, sector[0], sector[1], sector[2],
           sector[3], image[0], image[1], active_bank, phase, attempts, counter, journal, running);
    event = 0; given = 0; has_name = false
}

inline forget_new() { image[SPARE] = 0; phase = settled; attempts = 0 }

/* Slots::boot with decide(): each way out of it sets `running`. */
inline settle() {
    if
    :: GOOD(active_bank) -> running = active_bank
    :: !GOOD(active_bank) && phase == settled && GOOD(SPARE) && RELEASE(image[SPARE]) >= counter ->
       running = SPARE; image[active_bank] = 0; active_bank = SPARE
    :: else -> running = nobody
    fi
}
inline fall_back() {
    image[SPARE] = 0;
    phase = settled; attempts = 0;
    settle()
}
inline boot() {
    arriving = 0; arrived = 0; erased = false; running = nobody;
    if
    :: phase == settled || phase == checked -> settle()
    :: phase == returning -> fall_back()
    :: (phase == armed || phase == trial) ->
       if
       :: (phase == trial && attempts >= ATTEMPTS_MAX && ON(limit_attempts)) || !GOOD(SPARE) -> fall_back()
       :: else ->
          if
          :: phase == armed -> attempts = 1
          :: phase == trial && ON(count_before_start) -> attempts++
          :: else
          fi;
          phase = trial; running = SPARE
       fi
    fi;
    starts = (running != nobody && phase == trial && running != active_bank -> starts + 1 : 0);
    must_not(NOTHING_BOOTS, running == nobody);
    must_not(UNCHECKED_RUNS, !WHOLE(running) || sector[running * 2] != image[running]);
    must_not(UNCHECKED_RUNS, image[running] != committed && image[running] != asked);
    must_not(OLDER_RUNS, RELEASE(image[running]) < RELEASE(committed));
    must_not(ENDLESS_TRIAL, starts > ATTEMPTS_MAX);
    must_not(COUNTER, counter != RELEASE(committed));
}

/* Slots::begin, with a transfer's name: as `journal` knows it, or as a new one. */
inline begin(which, named) {
    event = begins; given = which; has_name = named;
    if
    :: (phase == trial || phase == returning) && ON(refuse_during_trial) -> skip
    :: else ->
       damaged = false;
       if
       :: named && journal == which -> skip                            /* go_on */
       :: else ->
          if :: journal != 0 && ON(end_journal_before_erase) -> may_end(); journal = 0 :: else fi;
          if :: (image[SPARE] != 0 || phase != settled) && ON(forget_before_erase) -> may_end(); forget_new(); journal = 0 :: else fi;
          i = 0;
          do
          :: i < 2 ->
             if :: sector[SPARE * 2 + i] != blank -> may_end(); sector[SPARE * 2 + i] = torn; may_end(); sector[SPARE * 2 + i] = blank :: else fi;
             i++
          :: else -> break
          od;
          i = 0;
          may_end();
          if :: named -> journal = which :: else fi
       fi;
       arriving = which; arrived = 0;
       /* Everything before the last sector that is not blank is proved; that one is doubtful. */
       if
       :: named && sector[SPARE * 2 + 1] != blank -> arrived = 1
       :: else
       fi;
       if
       :: sector[SPARE * 2 + arrived] != blank && ON(erase_doubtful_sector) -> sector[SPARE * 2 + arrived] = torn; may_end(); sector[SPARE * 2 + arrived] = blank
       :: else
       fi;
       erased = true;
    fi
}

inline write_sector() {
    event = writes; given = arriving;
    must_not(BREAKS_DOWN, sector[SPARE * 2 + arrived] != blank);
    sector[SPARE * 2 + arrived] = torn;
    may_end();
    sector[SPARE * 2 + arrived] = arriving;
    if
    :: skip
    :: !damaged -> damaged = true; sector[SPARE * 2 + arrived] = (arriving == 2 -> 4 : 2)
    fi;
    given = sector[SPARE * 2 + arrived];
    arrived++;
}

inline check_memory() {
    event = checks; given = arriving;
    if
    :: ON(refuse_older) && RELEASE(arriving) < counter -> skip
    :: else ->
       if
       :: (WHOLE(SPARE) && sector[SPARE * 2] == arriving) || !ON(check_image_digest) ->
          may_end();
          image[SPARE] = arriving; phase = checked; journal = 0;
          if :: !ON(raise_counter_at_commit_only) -> counter = RELEASE(arriving) :: else fi
       :: else -> may_end(); journal = 0                              /* forget_transfer */
       fi
    fi;
    arriving = 0; arrived = 0; erased = false;
}

active proctype ecu() {
    c_code { now.removed = from_environment("REMOVED"); now.also_removed = from_environment("ALSO_REMOVED"); };
    sector[0] = 1; sector[1] = 1; image[0] = 1; counter = 1; committed = 1;
    boot();
    tell(true);
working:
    if
    :: steps >= STEPS_MAX -> goto finished
    :: else -> steps++
    fi;
    if
    :: !erased -> begin(2, true)
    :: !erased -> begin(2, false)
    :: !erased -> begin(3, true)
    :: !erased -> begin(4, true)
    :: erased && arrived < 2 -> write_sector()
    :: erased && arrived == 2 -> check_memory()
    :: phase == checked -> event = activates; asked = image[SPARE]; may_end(); phase = armed; attempts = 0
    :: (phase == trial && image[SPARE] != 4 && (running == SPARE || !ON(commit_only_what_runs))) ||
       (phase == armed && !ON(commit_only_what_runs)) ->
       event = commits;
       may_end();
       committed = image[SPARE]; counter = RELEASE(committed);
       active_bank = SPARE; phase = settled; attempts = 0; journal = 0;
    :: phase == checked || phase == armed -> event = forgets; may_end(); forget_new()
    :: phase == trial -> event = returns; may_end(); phase = returning
    :: MAY_RESTART -> event = restarts; boot()
    fi;
    tell(true);
    goto working;

power_cut:
    i = 0;
    boot();
    tell(false);
    goto working;

finished:
    skip
}
