/* What a vehicle trusts must outlive any power cut: after it, the old state or the new, never between, never none, and never
   older than what somebody already acted upon.

   Two stores, one of them chosen at the beginning:
   file    gateway, zone, Ethernet ECU: io/files/atomic_file.cpp, write_atomically (temporary file, sync_file, rename,
           sync_folder). A process may also be killed, which leaves the system's cache as it is; a sync may fail.
   areas   small ECUs: core/flash/trust_area.cpp, TrustArea::save and load (and BootRecords, which works alike): two areas of flash,
           written in turn, each with sequence number and digest. Power may fail within an erase or a program.

   The state is one number, the version; a newer file is accepted, saved and then acted upon (told, fetched, installed). Power is
   cut, or the process killed, between any two steps, up to four times; the sequence number has two bits here, so that it
   comes around.

   Names are those of the code. REMOVED and ALSO_REMOVED switch guards off by number, as in key_compromise.pml.

   Left out: a flash cell that reads one way now and another way later; a disk that says "synced" and is not. */

#define LOSSES_MAX 4
#define VERSION_MAX 6

/* Guards, by the numbers that models/check.py reads from these lines. */
#define save_before_acting 1
#define save_again_if_unchanged 2
#define write_to_temporary 3
#define sync_file 4
#define stop_on_failed_sync 5
#define sync_folder 6
#define write_older_area 7
#define erase_before_programming 8
#define raise_sequence 9
#define count_around 10
#define check_digest 11

#define ON(guard) (removed != guard && also_removed != guard)

#define none 0
#define torn 255

/* Kinds of breach, for check.py. */
#define LOST 1         /* between, or none */
#define WENT_BACK 2

c_decl {
    static int from_environment(const char* name) { const char* text = getenv(name); return text ? atoi(text) : 0; }
}

byte removed, also_removed;
bool in_file;
byte losses;
byte trusted, next, acted;      /* versions: in memory, being saved, acted upon */
bool failed_once;

/* file: an inode's content as the system shows it and as it is on the disk; the name points to an inode. */
byte shown[3], on_disk[3];
bool data_synced[3], name_synced;
byte name_shown, name_on_disk, temporary;

/* areas */
byte version[2], sequence[2];   /* version: none (erased), torn, or what was saved */
byte newest, area;

inline must_not(kind, breach) {
    if
    :: (breach) -> area = kind; c_code { printf("BREACH %d %d 0 0\n", now.area, now.in_file); }; assert(false)
    :: else
    fi
}

/* The world may end here. */
inline may_end() {
    if
    :: skip
    :: losses < LOSSES_MAX -> losses++; goto power_cut
    :: losses < LOSSES_MAX && in_file -> losses++; goto killed
    fi
}

/* --- file ------------------------------------------------------------------------------------------------------------- */
inline write_atomically() {
    if
    :: ON(write_to_temporary) ->
       temporary = 0;
       do :: temporary == name_shown || temporary == name_on_disk -> temporary++ :: else -> break od
    :: else -> temporary = name_shown
    fi;
    shown[temporary] = torn; on_disk[temporary] = torn; data_synced[temporary] = false;
    may_end();
    shown[temporary] = next;
    may_end();
    if
    :: ON(sync_file) ->
       if
       :: on_disk[temporary] = next
       :: !failed_once -> failed_once = true;                       /* the system forgets that there was something to write */
          if :: ON(stop_on_failed_sync) -> goto killed :: else fi
       fi;
       data_synced[temporary] = true
    :: else
    fi;
    may_end();
    if :: name_shown != temporary -> name_shown = temporary; name_synced = false :: else fi;
    may_end();
    if :: ON(sync_folder) -> name_on_disk = name_shown; name_synced = true :: else fi
}
inline lose_cache() {
    area = 0;
    do
    :: area < 3 ->
       if
       :: !data_synced[area] && shown[area] != torn -> on_disk[area] = shown[area]      /* it was written in time */
       :: skip
       fi;
       shown[area] = on_disk[area]; data_synced[area] = true; area++
    :: else -> break
    od;
    if :: !name_synced -> name_on_disk = name_shown :: skip fi;
    name_shown = name_on_disk; name_synced = true;
    area = 0
}

/* --- areas ------------------------------------------------------------------------------------------------------------ */
#define EARLIER(a, b) (ON(count_around) -> ((a - b + 4) % 4 >= 2) : a < b)

/* A torn record reads as anything; without its digest it counts. */
#define READABLE(i) (version[i] != none && (version[i] != torn || !ON(check_digest)))
inline read_areas() {
    trusted = none;
    area = 0;
    do
    :: area < 2 ->
       if
       :: READABLE(area) && (trusted == none || !EARLIER(sequence[area], sequence[newest])) -> trusted = version[area]; newest = area
       :: else
       fi;
       area++
    :: else -> break
    od;
    area = 0
}
inline write_area() {
    area = (ON(write_older_area) -> 1 - newest : newest);
    if
    :: ON(erase_before_programming) ->
       if :: version[area] != none -> version[area] = torn :: else fi;
       may_end();
       version[area] = none
    :: else
    fi;
    may_end();
    if
    :: version[area] == none ->
       sequence[area] = (ON(raise_sequence) -> (sequence[newest] + 1) % 4 : sequence[newest]);
       version[area] = torn;
       may_end();
       version[area] = next
    :: else -> version[area] = torn                                 /* programming only clears bits */
    fi;
    newest = area;
    area = 0
}

/* ---------------------------------------------------------------------------------------------------------------------- */
inline save() {
    if
    :: next == trusted && !ON(save_again_if_unchanged)
    :: else -> if :: in_file -> write_atomically() :: else -> write_area() fi
    fi
}
inline act() {
    must_not(WENT_BACK, next < acted);
    acted = next
}

active proctype vehicle() {
    c_code { now.removed = from_environment("REMOVED"); now.also_removed = from_environment("ALSO_REMOVED"); };
    trusted = 1;                                                    /* the factory's */
    if
    :: in_file = true; shown[0] = 1; on_disk[0] = 1; data_synced[0] = true; data_synced[1] = true; data_synced[2] = true; name_synced = true
    :: version[0] = 1; sequence[0] = 1
    fi;
    next = 1; acted = 1;
running:
    if
    :: trusted < VERSION_MAX -> next = trusted + 1                  /* a newer file was accepted */
    :: next = trusted                                               /* the same file again: nothing new */
    :: losses > 0 || trusted == VERSION_MAX -> goto finished
    fi;
    if :: !ON(save_before_acting) -> act() :: else fi;
    may_end();
    save();
    may_end();
    trusted = next;
    if :: ON(save_before_acting) -> act() :: else fi;
    may_end();
    goto running;

power_cut:
    if :: in_file -> lose_cache() :: else fi;
killed:
    if
    :: in_file -> trusted = shown[name_shown]
    :: else -> read_areas()
    fi;
    must_not(LOST, trusted == none || trusted == torn || trusted > next);
    must_not(WENT_BACK, trusted < acted);
    temporary = 0; area = 0;
    goto running;

finished:
    skip
}
