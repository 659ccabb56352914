/* What an attacker can do with stolen keys. One vehicle, two repositories, each key in two halves (classical, post-quantum).

   The network is the attacker's: every file a vehicle gets is the one he chose, genuine (of an earlier edition, of another
   vehicle) or forged. Keys and the gateway he steals when he first needs them: `used` collects what an attack has cost. So
   one search over a single beginning finds every attack with every set of stolen halves; models/check.py keeps the smallest
   sets and writes the table of docs/threats.md.

   Names are those of the code: core/uptane (check_signatures, succeed, accept_timestamp …, match) and the ECU. A guard is a
   condition that blocks: a file refused changes nothing. REMOVED and ALSO_REMOVED in the environment switch guards off by
   the numbers below; models/check.py proves that each one is missed, or names the guard that makes it redundant.

   Editions of the repositories: 1 old, 2 what the vehicle trusts at the beginning, 3 the newest. A file is its edition's
   number, other_cars (genuine, higher, for another VIN) or forged. Time: 0 nothing of edition 1 and 2 has expired; 1 their
   Timestamps; 2 also Snapshots; 3 also Targets; 4 also Root 2. The newest edition is always in date. Root 1 trusted online
   keys that Root 2 revoked; Root 3 revokes what is stolen now.

   Left out, because keys do not change it: what a parser refuses (fuzz/, unit tests); thresholds above one (more halves of
   the same kind); the new Root's own signatures in succeed (whoever lacks the old keys is refused already: they keep a
   ceremony's mistake from locking the car out); _type (a key signs for one role here); batch signatures (another form of
   the post-quantum half); the paths of a delegation (who holds the Director as well chooses the name; what keeps a supplier
   from other ECUs is the delegation's hardware list); delay and denial, far jumps of the attested time among them
   (docs/threats.md). */

#define DIRECTOR 0
#define IMAGE 1

/* Keys: bit 2k of `used` is the classical half, bit 2k+1 the post-quantum one. The order is attack_table.py's. */
#define ROOT 0
#define TARGETS 1
#define SNAPSHOT 2
#define TIMESTAMP 3
#define DIRECTOR_ROOT 0
#define DIRECTOR_TARGETS 1
#define DIRECTOR_SNAPSHOT 2
#define DIRECTOR_TIMESTAMP 3
#define IMAGE_ROOT 4
#define IMAGE_TARGETS 5
#define IMAGE_SNAPSHOT 6
#define IMAGE_TIMESTAMP 7
#define DELEGATED 8
#define TIME_SERVER 9
#define REVOKED 10
#define GATEWAY (1 << 22)

/* Guards, by the numbers that models/check.py reads from these lines. */
#define check_signatures_classical 1
#define check_signatures_post_quantum 2
#define succeed_old_keys 3
#define succeed_next_version 4
#define forget_what_root_no_longer_vouches_for 5
#define check_root_not_expired 6
#define check_timestamp_not_expired 7
#define check_snapshot_not_expired 8
#define check_targets_not_expired 9
#define check_order 10
#define check_timestamp_not_older 11
#define check_listed_snapshot_not_older 12
#define check_snapshot_not_older 13
#define check_snapshot_promise 14
#define check_snapshot_promised_version 15
#define check_entries_kept_dropped 16
#define check_entries_kept_lowered 17
#define check_targets_promise 18
#define check_targets_promised_version 19
#define check_targets_not_older 20
#define check_delegated_promise 21
#define check_timestamp_vin 22
#define wrong_vin 23
#define match_not_in_image_repository 24
#define check_agreement 25
#define match_wrong_hardware 26
#define match_release_counter 27
#define delegation_hardware 28
#define time_nonce 29
#define time_never_back 30
#define image_digest 31
#define all_or_nothing 32
#define ecu_verifies_itself 33

#define ON(guard) (removed != guard && also_removed != guard)
#define UNLESS_REMOVED(guard, condition) (!ON(guard) || (condition))

/* Files beside the genuine editions 1, 2, 3; as version numbers they are higher. */
#define other_cars 4
#define forged 5

/* Images. Genuine ones carry their edition as release counter. */
#define nothing 0
#define withdrawn 4    /* vouched for in edition 1 only; its release counter is as high as the installed one's */
#define other_hardware 5
#define evil 6

/* Outcomes, by number for check.py; freezing has the time that it lasts beyond (FREEZE + 1 … 4). */
#define INSTALL 1
#define ROLL_BACK 2
#define MIX 3
#define BEHIND_A_PROMISE 4
#define EXPIRED_AND_BACK 5
#define LOCKED_OUT 6
#define FREEZE 10

#define HAS(key) (((used >> (2 * (key))) & 3) == 3)
#define DIRECTOR_ONLINE (HAS(DIRECTOR_TARGETS) && HAS(DIRECTOR_SNAPSHOT) && HAS(DIRECTOR_TIMESTAMP))
#define DIRECTORS_WORD (HAS(DIRECTOR_ROOT) || DIRECTOR_ONLINE)
#define IMAGES_WORD (HAS(IMAGE_ROOT) || (HAS(IMAGE_SNAPSHOT) && HAS(IMAGE_TIMESTAMP) && (HAS(IMAGE_TARGETS) || (covered && HAS(DELEGATED)))))
#define BY_GATEWAY (partial && (used & GATEWAY))

c_decl {
    /* Says each outcome once: an open hash table. */
    static void tell(int breach, int kind, int partial, int covered, int used) {
        static unsigned told[1 << 18];
        const unsigned key = ((((unsigned)kind << 1 | (unsigned)breach) << 1 | (unsigned)partial) << 1 | (unsigned)covered) << 23 ^ (unsigned)used;
        unsigned at = key * 2654435761U >> 14;
        while (told[at] != 0 && told[at] != key) at = (at + 1) % (1 << 18);
        if (told[at] == key) return;
        told[at] = key;
        printf("%s %d %d %d %d\n", breach ? "BREACH" : "ATTACK", kind, partial, covered, used);
    }
    static int from_environment(const char* name) { const char* text = getenv(name); return text ? atoi(text) : 0; }
}

byte removed, also_removed;
bool without_keys;  /* WITHOUT_KEYS in the environment: nothing can be stolen */
int used;

bool partial;       /* the ECU verifies Director Root and Targets only, and the gateway is out of the way */
bool covered;       /* the ECU's images stand in the delegated role, not in Targets */
byte time_now, clock, attested;

/* The trusted state of each repository. */
byte root[2], timestamp[2], listed_snapshot[2], snapshot[2], listed_targets[2], targets[2];
byte listed_delegated, delegated;
bool owned[2];      /* a Root of the attacker's is trusted: every role has a key of his */
bool snapshot_accepted;

/* Choices of one step. */
byte repository, file, lists, lists_also, image, cycle;
bool lies, director_forged, image_forged;

/* --- keys ------------------------------------------------------------------------------------------------------------- */
inline steal(key) {
    !without_keys;
    if :: ON(check_signatures_classical) -> used = used | (1 << (2 * (key))) :: else fi;
    if :: ON(check_signatures_post_quantum) -> used = used | (2 << (2 * (key))) :: else fi
}
inline sign_as(key) {
    if
    :: owned[repository]
    :: !owned[repository] && root[repository] == 1 -> steal(REVOKED)
    :: !owned[repository] && root[repository] == 2 -> steal(key)
    fi                                                      /* Root 3 no longer names what was stolen */
}
/* What no set of keys, or not this one, may do. */
inline must_not(kind, breach) {
    if
    :: (breach) -> lists = kind; c_code { tell(1, now.lists, now.partial, now.covered, now.used); }; assert(false)
    :: else
    fi
}
/* What this set of keys can do, and whether that is known. */
inline outcome(kind, known) {
    lists = kind;
    c_code { tell(0, now.lists, now.partial, now.covered, now.used); };
    must_not(kind, !(known))
}
#define GENUINE (file != forged && (root[repository] < 3 || file >= 3))

/* --- roles ------------------------------------------------------------------------------------------------------------ */
inline forget() {
    timestamp[repository] = 0; listed_snapshot[repository] = 0; snapshot[repository] = 0; listed_targets[repository] = 0;
    targets[repository] = 0;
    if :: repository == IMAGE -> listed_delegated = 0; delegated = 0 :: else fi
}
inline succeed() {
    if
    :: skip                                                                     /* "not there" */
    :: root[repository] < 3 && !owned[repository] -> root[repository] = 3;
       if :: ON(forget_what_root_no_longer_vouches_for) -> forget() :: else fi
    :: !ON(succeed_next_version) -> root[repository] = 1; forget()    /* genuine, by the same root keys, but old */
    :: root[repository] < 3 && !owned[repository] ->
       if :: steal(4 * repository + ROOT) :: !ON(succeed_old_keys) fi;
       owned[repository] = true; forget()
    fi
}

/* Genuine editions 1 and 2 end at `ends`; what had ended by an attested time must not come back. */
inline not_expired(guard, ends) {
    UNLESS_REMOVED(guard, file >= 3 || clock < ends);
    must_not(EXPIRED_AND_BACK, file < 3 && attested >= ends)
}

inline learn_time() {
    if
    :: clock = time_now                                     /* the time server's answer to this nonce */
    :: if :: !ON(time_nonce) :: ON(time_nonce) -> if :: owned[DIRECTOR] :: !owned[DIRECTOR] -> steal(TIME_SERVER) fi fi;
       clock = 0;
       do :: clock + 1 < time_now -> clock++ :: break od;
       clock < time_now
    fi;
    UNLESS_REMOVED(time_never_back, clock >= attested);
    if :: clock > attested -> attested = clock :: else fi
}

inline choose_genuine() {
    if :: file = 1 :: file = 2 :: file = 3 :: file = other_cars fi
}

inline accept_timestamp() {
    if
    :: choose_genuine(); GENUINE; file != other_cars || repository == DIRECTOR; lists = file
    :: sign_as(4 * repository + TIMESTAMP); file = forged; if :: lists = 1 :: lists = 2 :: lists = 3 :: lists = forged fi
    fi;
    UNLESS_REMOVED(check_timestamp_vin, file != other_cars);
    UNLESS_REMOVED(check_timestamp_not_older, file >= timestamp[repository]);
    UNLESS_REMOVED(check_listed_snapshot_not_older, lists >= listed_snapshot[repository]);
    not_expired(check_timestamp_not_expired, 1);
    timestamp[repository] = file;
    must_not(BEHIND_A_PROMISE, lists < listed_snapshot[repository]);
    listed_snapshot[repository] = lists
}

inline accept_snapshot() {
    if
    :: choose_genuine(); GENUINE; lists = file; lists_also = file;
       UNLESS_REMOVED(check_snapshot_promised_version, file == listed_snapshot[repository])
    :: sign_as(4 * repository + SNAPSHOT); file = forged;             /* with the promised version, if a forged one is not promised */
       if :: lists = 1 :: lists = 2 :: lists = 3 :: lists = forged fi;
       if :: repository == IMAGE -> if :: lists_also = 0 :: lists_also = 1 :: lists_also = 2 :: lists_also = 3 :: lists_also = forged fi
          :: else -> lists_also = 0
       fi
    fi;
    UNLESS_REMOVED(check_snapshot_promise, file == listed_snapshot[repository]);
    UNLESS_REMOVED(check_snapshot_not_older, file >= snapshot[repository]);
    UNLESS_REMOVED(check_entries_kept_lowered, lists >= listed_targets[repository]);
    if
    :: repository == IMAGE ->
       UNLESS_REMOVED(check_entries_kept_lowered, lists_also == 0 || lists_also >= listed_delegated);
       UNLESS_REMOVED(check_entries_kept_dropped, lists_also != 0 || listed_delegated == 0)
    :: else
    fi;
    not_expired(check_snapshot_not_expired, 2);
    snapshot[repository] = file;
    must_not(BEHIND_A_PROMISE, lists < listed_targets[repository]);
    listed_targets[repository] = lists;
    if :: repository == IMAGE -> listed_delegated = lists_also :: else fi;
    snapshot_accepted = true
}

inline accept_targets() {
    if
    :: choose_genuine(); GENUINE; file != other_cars || repository == DIRECTOR;
       UNLESS_REMOVED(check_targets_promised_version, !snapshot_accepted || file == listed_targets[repository])
    :: sign_as(4 * repository + TARGETS); file = forged
    fi;
    UNLESS_REMOVED(check_targets_promise, !snapshot_accepted || file == listed_targets[repository]);
    UNLESS_REMOVED(check_targets_not_older, file >= targets[repository]);
    UNLESS_REMOVED(wrong_vin, file != other_cars);
    not_expired(check_targets_not_expired, 3);
    must_not(ROLL_BACK, file < targets[repository]);
    targets[repository] = file
}

inline accept_delegated() {
    if
    :: file = listed_delegated; file >= 1 && file <= 3 && GENUINE
    :: sign_as(DELEGATED); file = forged; UNLESS_REMOVED(check_delegated_promise, listed_delegated == forged)
    fi;
    file >= delegated;
    delegated = file
}

/* --- cycles ----------------------------------------------------------------------------------------------------------- */
/* Where the attacker stops serving, the cycle ends, and what was accepted stays. */
#define OR_STOP :: goto end_of_cycle

inline refresh() {
    atomic {
        succeed();
        if :: repository == DIRECTOR -> learn_time() :: else fi;
        UNLESS_REMOVED(check_root_not_expired, owned[repository] || root[repository] == 3 || clock < 4)
    };
    if
    :: partial || !ON(check_order)
    :: atomic { !partial -> accept_timestamp(); forget_choices() };
       if
       :: atomic { accept_snapshot(); forget_choices() }
       OR_STOP
       fi
    OR_STOP
    fi;
    if
    :: atomic { accept_targets(); forget_choices(); snapshot_accepted = false }
    OR_STOP
    fi
}
inline forget_choices() {
    file = 0; lists = 0; lists_also = 0; image = 0; covered = false; lies = false; director_forged = false; image_forged = false
}

/* Whose word the image is, as Director and Image repository (or the Director alone) tell it. */
#define VOUCHING (covered -> delegated : targets[IMAGE])
#define VOUCHED ((image <= 3 && image <= VOUCHING) || (image == withdrawn && VOUCHING == 1) || image == other_hardware)

inline match() {
    if :: !partial -> covered = true :: covered = false fi;
    director_forged = (targets[DIRECTOR] == forged);
    image_forged = !partial && (targets[IMAGE] == forged || (delegated == forged &&
                   (covered || !ON(delegation_hardware))));
    lies = false;
    if
    :: !director_forged -> image = (targets[DIRECTOR] <= 3 -> targets[DIRECTOR] : nothing);
       if
       :: skip
       :: image_forged && !ON(check_agreement) -> image = evil; lies = true
       fi
    :: director_forged ->
       if :: image = nothing :: image = 1 :: image = 2 :: image = 3 :: image = withdrawn :: image = other_hardware :: image = evil fi;
       if :: image_forged || partial || !ON(match_not_in_image_repository) -> lies = true :: skip fi
    fi;
    if
    :: partial || image_forged || image == nothing
    :: else -> UNLESS_REMOVED(match_not_in_image_repository, VOUCHED)
    fi;
    UNLESS_REMOVED(match_wrong_hardware, lies || image != other_hardware);
    UNLESS_REMOVED(match_release_counter, lies || image != 1)
}

inline judge_freeze() {
    if
    :: time_now > 0 && targets[DIRECTOR] != 3 ->
       outcome(FREEZE + time_now, HAS(DIRECTOR_ROOT) || HAS(TIME_SERVER)
           || (time_now == 1 && (BY_GATEWAY || HAS(DIRECTOR_TIMESTAMP)))
           || (time_now == 2 && (BY_GATEWAY || HAS(DIRECTOR_TIMESTAMP) && HAS(DIRECTOR_SNAPSHOT)))
           || (time_now == 3 && (BY_GATEWAY && HAS(DIRECTOR_TARGETS) || DIRECTOR_ONLINE)))
    :: else
    fi
}

#define ARBITRARY_NEEDS ((BY_GATEWAY && (HAS(DIRECTOR_ROOT) || HAS(DIRECTOR_TARGETS))) || (DIRECTORS_WORD && IMAGES_WORD))

inline install() {
    if
    :: skip
    :: !ON(image_digest) && image != nothing -> image = evil
    fi;
    if
    :: image == evil || image == other_hardware -> outcome(INSTALL, ARBITRARY_NEEDS)
    :: image == withdrawn || image == 1 -> outcome(ROLL_BACK, ARBITRARY_NEEDS)
    :: image == nothing && targets[DIRECTOR] != other_cars
    :: targets[DIRECTOR] == other_cars || (director_forged && image != nothing) -> outcome(MIX, DIRECTORS_WORD || BY_GATEWAY)
    :: targets[DIRECTOR] == 3 && image == 3 ->              /* the other ECUs of the set stay as they were */
       if :: !ON(all_or_nothing) :: ON(all_or_nothing) -> used = used | GATEWAY fi;
       outcome(MIX, used & GATEWAY)
    :: else
    fi
}

/* The newest edition must be acceptable unless keys are stolen, and again once a new Root revoked them. */
#define TOO_HIGH(repository) (timestamp[repository] > 3 || snapshot[repository] > 3 || targets[repository] > 3)
#define STOLEN_OF_DIRECTOR (used & 255)
#define STOLEN_OF_IMAGE ((used >> 8) & 1023)
inline judge_honest_cycle() {
    must_not(LOCKED_OUT, TOO_HIGH(DIRECTOR) && !owned[DIRECTOR] && (root[DIRECTOR] == 3 || !STOLEN_OF_DIRECTOR));
    must_not(LOCKED_OUT, TOO_HIGH(IMAGE) && !owned[IMAGE] && (root[IMAGE] == 3 || !STOLEN_OF_IMAGE))
}

inline begin() {
    c_code { now.removed = from_environment("REMOVED"); now.also_removed = from_environment("ALSO_REMOVED"); now.without_keys = from_environment("WITHOUT_KEYS"); };
    if :: partial = true; used = GATEWAY :: partial = false fi;
    do :: time_now < 4 -> time_now++ :: break od;
    if :: attested = time_now :: attested = 0 fi;
    root[DIRECTOR] = 2; root[IMAGE] = 2;
    timestamp[DIRECTOR] = 2; listed_snapshot[DIRECTOR] = 2; snapshot[DIRECTOR] = 2; listed_targets[DIRECTOR] = 2; targets[DIRECTOR] = 2;
    timestamp[IMAGE] = 2; listed_snapshot[IMAGE] = 2; snapshot[IMAGE] = 2; listed_targets[IMAGE] = 2; targets[IMAGE] = 2;
    listed_delegated = 2;
    if                                                      /* a cycle may have been cut between two files */
    :: skip
    :: time_now == 0 -> cycle = 1; timestamp[DIRECTOR] = 3; listed_snapshot[DIRECTOR] = 3
    :: time_now == 0 -> cycle = 1; timestamp[DIRECTOR] = 3; listed_snapshot[DIRECTOR] = 3; snapshot[DIRECTOR] = 3; listed_targets[DIRECTOR] = 3
    fi
}

active proctype attacker() {
    atomic { begin() };
    do
    :: cycle < 2 && (cycle == 0 || time_now == 0) ->         /* what needs two cycles does not need time to pass */
       if :: !ON(ecu_verifies_itself) -> used = used | GATEWAY; outcome(INSTALL, ARBITRARY_NEEDS) :: else fi;
       do
       :: refresh();
          if
          :: repository == IMAGE || partial -> break
          :: else -> repository = IMAGE
          fi
       od;
       if
       :: atomic { repository == IMAGE && listed_delegated != 0 -> accept_delegated(); forget_choices() }
       :: skip
       fi;
       if
       :: atomic { match(); judge_freeze(); install(); forget_choices() }
       OR_STOP
       fi;
end_of_cycle:
       atomic { judge_honest_cycle(); forget_choices(); snapshot_accepted = false; clock = 0; repository = DIRECTOR; cycle++ }
    :: else -> break
    od
}
