#include "core/crypto/digest.h"
#include "core/flash/boot_records.h"
#include "core/flash/ram_flash.h"
#include "core/flash/slots.h"
#include "tests/models/path.h"

#include <algorithm>
#include <format>
#include <memory>

namespace pitstop::paths {
namespace {

using namespace flash;

// The numbers of ab_install.pml.
enum Event : int {
    begins = 1,
    writes = 2,
    checks = 3,
    activates = 4,
    commits = 5,
    forgets = 6,
    returns = 7,
    restarts = 8
};
constexpr int torn = 9;
constexpr int nobody = 2;
constexpr int images = 4;

constexpr std::uint32_t sector_bytes = 512;
constexpr std::string_view hardware = "body-controller-2";

Geometry geometry() {
    Geometry geometry;
    geometry.runs = {SectorRun{4, 1024}, SectorRun{4, sector_bytes}};
    geometry.program_unit_bytes = 8;
    return geometry;
}

Bytes image_of(int number) {
    Bytes image(2 * sector_bytes);
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(number * 16 + i % 13);
    return image;
}

View sector_of(View image, std::size_t number) { return image.subspan(number * sector_bytes, sector_bytes); }

ImageRecord record_of(int number) {
    const Bytes image = image_of(number);
    ImageRecord record;
    record.size_bytes = static_cast<std::uint32_t>(image.size());
    record.sha256 = crypto::sha256(image);
    record.release_counter = number == 3 ? 0 : number == 1 ? 1 : 2;
    record.hardware_id = Text<ImageRecord::hardware_id_size_max>(hardware);
    return record;
}

Transfer name_of(int number) {
    Transfer transfer;
    transfer.name.fill(static_cast<std::uint8_t>(number));
    return transfer;
}

// Where a cut takes effect: in the operation-th flash operation, or between two events (0: before it, or after it).
struct Cut {
    std::uint64_t operation = 0;
    Torn torn = Torn::nothing;
    bool is_after = false;
};

constexpr std::uint64_t operations_max = 12;  // of one event: two records, four sectors, a journal

std::vector<Cut> all_cuts() {
    std::vector<Cut> cuts{{}, {0, Torn::nothing, true}};
    for (std::uint64_t operation = 1; operation <= operations_max; ++operation)
        for (const Torn how : {Torn::nothing, Torn::half, Torn::scattered, Torn::everything})
            cuts.push_back({operation, how, false});
    return cuts;
}

class Ecu {
public:
    Ecu() : flash_(geometry()) {
        start();
        perform({begins, 1, 0});
        perform({writes, 1, 0});
        perform({writes, 1, 0});
        perform({checks, 1, 0});
        perform({activates, 0, 0});
        start();
        perform({commits, 0, 0});
    }

    void walk(const std::vector<int>& event, const std::optional<Cut>& cut) {
        if (cut && cut->operation > 0) flash_.cut_at(cut->operation, cut->torn);
        if (!cut || cut->operation > 0 || cut->is_after) perform(event);
        if (cut) start();
    }

    // The model's view of it.
    [[nodiscard]] std::vector<int> seen() {
        BootRecords records(flash_, layout().record_areas);
        const auto read = records.read();
        if (!read || !*read) return {};
        const BootRecord& record = **read;
        const BankState state = slots_->bank_state();
        std::vector<int> numbers;
        for (const Bank bank : {Bank::a, Bank::b})
            for (std::uint32_t i = 0; i < 2; ++i)
                numbers.push_back(content(layout().bank(bank).offset + i * sector_bytes));
        for (const Bank bank : {Bank::a, Bank::b}) numbers.push_back(number_of(record.image(bank)));
        for (const int number : {static_cast<int>(record.active), static_cast<int>(record.phase), int{record.attempts},
                                 static_cast<int>(record.release_counter), journal(),
                                 state.running ? static_cast<int>(*state.running) : nobody})
            numbers.push_back(number);
        return numbers;
    }

private:
    static const Layout& layout() {
        static const Layout planned = *plan_layout(geometry());
        return planned;
    }

    void start() {
        flash_.power_up();
        slots_ = std::make_unique<Slots>(flash_, layout(), hasher_, hardware);
        static_cast<void>(slots_->boot());
    }

    // What is refused, or ends with the power, shows in what is there afterwards.
    void perform(const std::vector<int>& event) {
        switch (event.at(0)) {
            case begins: return begin(event.at(1), event.at(2) != 0);
            case writes: return write(event.at(1));
            case checks: return check(event.at(1));
            case activates: return static_cast<void>(slots_->activate());
            case commits: return static_cast<void>(slots_->commit());
            case forgets:
            case returns: return static_cast<void>(slots_->roll_back());
            default: start();
        }
    }
    void begin(int image, bool has_name) {
        const Transfer transfer = name_of(image);
        if (!slots_->begin(2 * sector_bytes, has_name ? &transfer : nullptr)) return;
        auto step = slots_->erase_step();
        while (step && *step == flash::Step::more) step = slots_->erase_step();
        arrived_ = slots_->writer().from_bytes() / sector_bytes;
    }
    void write(int content) {
        const Bytes bytes = image_of(content);
        static_cast<void>(slots_->write(sector_of(bytes, arrived_++)));
    }
    void check(int image) {
        if (!slots_->finish() || !slots_->begin_check(record_of(image))) return;
        auto step = slots_->check_step();
        while (step && *step == flash::Step::more) step = slots_->check_step();
    }

    [[nodiscard]] int content(std::uint32_t offset) {
        const View cells = View(flash_.cells()).subspan(offset, sector_bytes);
        if (std::ranges::all_of(cells, [](std::uint8_t cell) { return cell == 0xFF; })) return 0;
        for (int number = 1; number <= images; ++number) {
            const Bytes image = image_of(number);
            const std::size_t half = offset / sector_bytes % 2;
            if (std::ranges::equal(cells, sector_of(image, half))) return number;
        }
        return torn;
    }
    [[nodiscard]] static int number_of(const std::optional<ImageRecord>& record) {
        for (int number = 1; number <= images && record; ++number)
            if (record->sha256 == record_of(number).sha256) return number;
        return 0;
    }
    [[nodiscard]] int journal() const {
        const ResumeState state = slots_->resume_state();
        return state.standing == ResumeState::Standing::nothing ? 0 : state.transfer.name[0];
    }

    RamFlash flash_;
    crypto::Sha256 hasher_;
    std::unique_ptr<Slots> slots_;
    std::size_t arrived_ = 0;
};

// The ECU after the steps up to `last`, its cuts as they were found.
std::unique_ptr<Ecu> live(const Path& path, std::size_t last, const std::vector<Cut>& cuts) {
    auto ecu = std::make_unique<Ecu>();
    std::size_t next_cut = 0;
    for (std::size_t i = 1; i <= last; ++i) {
        const bool has_power = path[i].event.at(3) != 0;
        ecu->walk(path[i].event, has_power ? std::nullopt : std::optional(cuts.at(next_cut++)));
    }
    return ecu;
}

}  // namespace

std::expected<void, std::string> walk_install(const Path& path) {
    std::vector<Cut> cuts;
    auto ecu = std::make_unique<Ecu>();
    for (std::size_t i = 0; i < path.size(); ++i) {
        const paths::Step& step = path[i];
        if (step.event.at(3) != 0) {
            if (i > 0) ecu->walk(step.event, std::nullopt);
            if (const auto is = ecu->seen(); is != step.after)
                return std::unexpected(std::format("step {},{}: the model says{}, the flash{}", i + 1,
                                                   to_string(step.event), to_string(step.after), to_string(is)));
            continue;
        }
        const std::vector<Cut> places = all_cuts();
        const bool found = std::ranges::any_of(places, [&](const Cut& place) {
            cuts.push_back(place);
            ecu = live(path, i, cuts);
            const bool fits = ecu->seen() == step.after;
            if (!fits) cuts.pop_back();
            return fits;
        });
        if (!found)
            return std::unexpected(std::format("step {},{}: the model says{}, and no cut leads there", i + 1,
                                               to_string(step.event), to_string(step.after)));
    }
    return {};
}

}  // namespace pitstop::paths
