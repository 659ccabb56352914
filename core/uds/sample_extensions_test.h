// For this room's tests: an ECU that has every service, and a door that the test opens and shuts.
#pragma once

#include "core/uds/dtc_store.h"
#include "core/uds/faults.h"
#include "core/uds/sample_ecu_test.h"

#include <numeric>
#include <optional>
#include <string>

namespace pitstop::uds {

class SampleDoor final : public Access {
public:
    [[nodiscard]] bool offers(Service service) const override { return service != not_there; }
    Nrc judge(View request, Session) override {
        return request[0] == static_cast<std::uint8_t>(guarded) ? refusal : Nrc::positive_response;
    }
    Outcome on_request(View request, Reply& out, Tick) override {
        out.put(request.subspan(1));
        steps_left = steps;
        return steps > 0 ? Outcome::pending() : Nrc::positive_response;
    }
    Outcome continue_pending(Reply&, Tick) override {
        return --steps_left > 0 ? Outcome::pending() : Outcome(Nrc::ownership_verification_failed);
    }
    void session_changed(Session session) override { sessions.push_back(session); }

    Service guarded{}, not_there{};
    Nrc refusal = Nrc::authentication_required;
    int steps = 0, steps_left = 0;
    std::vector<Session> sessions;
};

// One identifier to write (F15A) and one to adjust (0110), 16 bytes of memory at 0x1000 of which the first half may be
// written, one image of 600 bytes to read out and one file.
class SampleExtensions final : Adjustable, Memory, Readout, DtcKeeper {
public:
    static constexpr std::uint32_t first_code = 0x060145, second_code = 0x056216;
    static constexpr MemoryRange memory_range{0x1000, 16}, writable_range{0x1000, 8};

    SampleExtensions() { std::iota(image.begin(), image.end(), std::uint8_t{0}); }
    Extensions ports() { return {&dtcs, this, this, this}; }

    Bytes fingerprint, memory = Bytes(16, 0xEE), image = Bytes(600);
    std::optional<std::string> file = "all is well";
    Bytes kept;
    int times_kept = 0;
    bool keeping_fails = false;

private:
    static constexpr DtcDefinition definitions[] = {{first_code, 1, 40}, {second_code, 2, 3}};
    std::array<DtcEntry, 2> entries_{};

public:
    DtcStore dtcs{definitions, entries_, *this};

private:
    Nrc write_data(std::uint16_t identifier, View data) override {
        if (identifier != did::fingerprint) return Nrc::request_out_of_range;
        fingerprint.assign(data.begin(), data.end());
        return Nrc::positive_response;
    }
    Nrc control(std::uint16_t identifier, InputOutputControl wanted, View state, Reply& out) override {
        if (identifier != 0x0110) return Nrc::request_out_of_range;
        const std::size_t needed = wanted == InputOutputControl::short_term_adjustment ? 1 : 0;
        if (state.size() != needed) return Nrc::incorrect_message_length_or_invalid_format;
        out.put_u8(needed == 1 ? state[0] : 0x77);
        return Nrc::positive_response;
    }
    [[nodiscard]] Nrc check_readable(const MemoryRange& range) const override {
        return range.is_within(memory_range) ? Nrc::positive_response : Nrc::request_out_of_range;
    }
    Nrc read(const MemoryRange& range, Room into) override {
        std::copy_n(memory.begin() + static_cast<std::ptrdiff_t>(range.address - memory_range.address), into.size(),
                    into.begin());
        return Nrc::positive_response;
    }
    Nrc write(const MemoryRange& range, View data) override {
        if (!range.is_within(writable_range)) return Nrc::request_out_of_range;
        std::ranges::copy(data, memory.begin() + static_cast<std::ptrdiff_t>(range.address - memory_range.address));
        return Nrc::positive_response;
    }
    std::expected<std::uint64_t, Nrc> open_memory(const MemoryRange& range, std::uint8_t data_format) override {
        if (data_format != 0 || range.address != 0 || range.size_bytes > image.size())
            return std::unexpected(Nrc::request_out_of_range);
        open_ = View(image).first(static_cast<std::size_t>(range.size_bytes));
        return range.size_bytes;
    }
    std::expected<std::uint64_t, Nrc> open_file(std::string_view name) override {
        if (name != "log" || !file) return std::unexpected(Nrc::request_out_of_range);
        open_ = view_of(*file);
        return file->size();
    }
    [[nodiscard]] std::uint32_t block_size_bytes_max() const override { return 102; }
    Nrc read(std::uint64_t offset, Room into) override {
        std::ranges::copy(open_.subspan(static_cast<std::size_t>(offset), into.size()), into.begin());
        return Nrc::positive_response;
    }
    Nrc delete_file(std::string_view name) override {
        if (name != "log" || !file) return Nrc::request_out_of_range;
        file.reset();
        return Nrc::positive_response;
    }
    Result<void> keep(View bytes) override {
        if (keeping_fails) return fail(faults::broken_dtc_memory);
        kept.assign(bytes.begin(), bytes.end());
        ++times_kept;
        return {};
    }

    View open_;
};

struct SampleParts {
    SampleExtensions parts;
};
struct FullBench : SampleParts, Bench {
    explicit FullBench(std::size_t reply_size_bytes = 256, Access* access = nullptr)
        : Bench(reply_size_bytes, access, parts.ports()) {}
};

}  // namespace pitstop::uds
