#include "core/flash/zone_work.h"

#include "core/crypto/digest.h"
#include "core/flash/faults.h"

#include <algorithm>
#include <utility>

namespace pitstop::flash {
namespace {

constexpr std::uint8_t succeeded = 0x00, troubled = 0xFF;
constexpr std::size_t routine_head_bytes = 4;  // 71 01 and the routine
constexpr std::size_t text_size_max = 255;     // its length is one byte
constexpr std::size_t id_of_bytes = 152;       // of the order: everything but the metadata

constexpr std::size_t ecu_at = 1, image_at = 3, form_at = 115, payload_at = 116, metadata_at = 152, spare_at = 188;

Bytes ask_routine(std::uint16_t rid, View option) {
    Bytes request{static_cast<std::uint8_t>(uds::Service::routine_control), uds::start_routine,
                  static_cast<std::uint8_t>(rid >> 8), static_cast<std::uint8_t>(rid)};
    request.insert(request.end(), option.begin(), option.end());
    return request;
}

using OrderBytes = std::array<std::uint8_t, ZoneOrder::size_on_wire_bytes>;

void store(std::uint8_t* at, const StoredBytes& bytes) {
    store_be(at, bytes.size_bytes);
    std::ranges::copy(bytes.sha256, at + 4);
}
StoredBytes load(const std::uint8_t* at) {
    StoredBytes bytes{.size_bytes = load_be<std::uint32_t>(at)};
    std::copy_n(at + 4, bytes.sha256.size(), bytes.sha256.begin());
    return bytes;
}

OrderBytes to_bytes(const ZoneOrder& order) {
    OrderBytes bytes{static_cast<std::uint8_t>(order.plan)};
    store_be(&bytes[ecu_at], order.ecu.address());
    std::ranges::copy(to_bytes(order.image), &bytes[image_at]);
    bytes[form_at] = data_format_of(order.form);
    store(&bytes[payload_at], order.payload);
    store(&bytes[metadata_at], order.metadata);
    return bytes;
}

void put_text(uds::Reply& out, std::string_view text) {
    text = text.substr(0, text_size_max);
    out.put_u8(static_cast<std::uint8_t>(text.size()));
    out.put_text(text);
}

void put(uds::Reply& out, const Trouble& trouble) {
    out.put_u8(static_cast<std::uint8_t>(trouble.remedy));
    put_text(out, trouble.code);
    put_text(out, trouble.sentence);
}

std::unexpected<Error> strange() { return fail(faults::strange_answer, "zone work"); }

// Reads an answer from its beginning to its end.
class Reader {
public:
    explicit Reader(View left) : left_(left) {}

    template <class T>
    Result<T> number() {
        if (left_.size() < sizeof(T)) return strange();
        const T value = load_be<T>(left_.data());
        left_ = left_.subspan(sizeof(T));
        return value;
    }
    Result<std::string> text() {
        TRY(const std::uint8_t size, number<std::uint8_t>());
        if (left_.size() < size) return strange();
        std::string text(text_of(left_.first(size)));
        left_ = left_.subspan(size);
        return text;
    }
    Result<Trouble> trouble() {
        TRY(const std::uint8_t remedy, number<std::uint8_t>());
        if (remedy > static_cast<std::uint8_t>(Remedy::stop)) return strange();
        TRY(std::string code, text());
        TRY(std::string sentence, text());
        return Trouble{static_cast<Remedy>(remedy), std::move(code), std::move(sentence)};
    }
    Result<WorkReport> row() {
        TRY(const auto address, number<std::uint16_t>());
        TRY(const EcuId ecu, EcuId::from_address(address));
        TRY(const auto plan, number<std::uint8_t>());
        TRY(const auto id, number<std::uint64_t>());
        TRY(const auto state, number<std::uint8_t>());
        TRY(const auto percent, number<std::uint8_t>());
        if (plan > static_cast<std::uint8_t>(Plan::roll_back) || percent > 100 ||
            state > static_cast<std::uint8_t>(WorkState::failed))
            return strange();
        TRY(std::string step, text());
        WorkReport row{ecu, static_cast<Plan>(plan), id, static_cast<WorkState>(state), percent, std::move(step), {}};
        if (row.state == WorkState::failed) {
            TRY(row.trouble, trouble());
        }
        return row;
    }
    [[nodiscard]] bool at_end() const { return left_.empty(); }

private:
    View left_;
};

// Behind a status of success.
Result<Reader> open(View answer, ToldFaults& faults) {
    if (answer.size() < routine_head_bytes) return strange();
    Reader reader(answer.subspan(routine_head_bytes));
    TRY(const auto status, reader.number<std::uint8_t>());
    if (status == succeeded) return reader;
    if (status != troubled) return strange();
    TRY(const Trouble trouble, reader.trouble());
    return fail(faults.error_of(trouble));
}

}  // namespace

Bytes ask_offer(const StoredBytes& bytes) {
    std::array<std::uint8_t, 36> option{};
    std::ranges::copy(bytes.sha256, option.begin());
    store_be(&option[32], bytes.size_bytes);
    return ask_routine(uds::rid::offer_to_zone, option);
}

std::optional<StoredBytes> parse_offer(View option) {
    if (option.size() != 36 || load_be<std::uint32_t>(&option[32]) == 0) return std::nullopt;
    StoredBytes bytes{.size_bytes = load_be<std::uint32_t>(&option[32])};
    std::ranges::copy(option.first(32), bytes.sha256.begin());
    return bytes;
}

Bytes ask_download_to_zone(const Offered& at, std::uint32_t size_bytes) {
    Bytes request(15);
    request[0] = static_cast<std::uint8_t>(uds::Service::request_download);
    request[2] = 0x48;  // addressAndLengthFormatIdentifier: four bytes of size, eight of address
    store_be(&request[3], zone_address(at));
    store_be(&request[11], size_bytes - at.stored_bytes);
    return request;
}

std::uint64_t ZoneOrder::id() const {
    const OrderBytes bytes = to_bytes(*this);
    return load_be<std::uint64_t>(crypto::sha256(View(bytes).first(id_of_bytes)).data());
}

Bytes ask_work(const ZoneOrder& order) { return ask_routine(uds::rid::start_zone_work, to_bytes(order)); }

Result<ZoneOrder> parse_order(View option) {
    if (option.size() != ZoneOrder::size_on_wire_bytes) return fail(faults::bad_record, "order: size");
    if (option[0] == static_cast<std::uint8_t>(Plan::trust) || option[0] > static_cast<std::uint8_t>(Plan::roll_back))
        return fail(faults::bad_record, "order: plan");
    const auto ecu = EcuId::from_address(load_be<std::uint16_t>(&option[ecu_at]));
    if (!ecu) return fail(faults::bad_record, "order: address");
    TRY(const ImageRecord image, parse_image_record(option.subspan(image_at, ImageRecord::size_on_wire_bytes)));
    const auto form = form_of_data_format(option[form_at]);
    if (!form) return fail(faults::bad_record, "order: form");
    if (load_be<std::uint32_t>(&option[spare_at]) != 0) return fail(faults::bad_record, "order: spare bytes");
    return ZoneOrder{static_cast<Plan>(option[0]), *ecu, image, *form, load(&option[payload_at]),
                     load(&option[metadata_at])};
}

Bytes ask_report() { return ask_routine(uds::rid::zone_work_status, {}); }

Bytes ask_stop(EcuId ecu) {
    std::array<std::uint8_t, 2> address{};
    store_be(address.data(), ecu.address());
    return ask_routine(uds::rid::stop_zone_work, address);
}

Trouble Trouble::of(const Error& error) {
    return {error.remedy(), std::string(error.code()), std::string(error.sentence())};
}

void put_done(uds::Reply& out) { out.put_u8(succeeded); }

void put_trouble(uds::Reply& out, const Error& error) {
    out.put_u8(troubled);
    put(out, Trouble::of(error));
}

void put_offered(uds::Reply& out, const Offered& offered) {
    out.put_u8(succeeded);
    out.put_u32(offered.handle);
    out.put_u32(offered.stored_bytes);
}

void put_report(uds::Reply& out, const std::vector<WorkReport>& report) {
    out.put_u8(succeeded);
    const std::size_t count = std::min<std::size_t>(report.size(), 255);
    out.put_u8(static_cast<std::uint8_t>(count));
    for (const WorkReport& row : std::span(report).first(count)) {
        out.put_u16(row.ecu.address());
        out.put_u8(static_cast<std::uint8_t>(row.plan));
        out.put_u32(static_cast<std::uint32_t>(row.order_id >> 32));
        out.put_u32(static_cast<std::uint32_t>(row.order_id));
        out.put_u8(static_cast<std::uint8_t>(row.state));
        out.put_u8(row.percent);
        put_text(out, row.step);
        if (row.state == WorkState::failed) put(out, row.trouble.value_or(Trouble{}));
    }
}

Error ToldFaults::error_of(const Trouble& trouble) {
    const auto known = std::ranges::find_if(
        told_, [&](const Told& told) { return told.code == trouble.code && told.remedy == trouble.remedy; });
    if (known != told_.end()) return Error(known->fault, trouble.sentence);
    if (told_.size() == count_max) return Error(faults::strange_answer, trouble.code);
    Told& told = told_.emplace_back(Told{trouble.code, trouble.remedy, {}});
    told.fault = {told.code, told.remedy, "A zone reports this fault of one of its ECUs.", "Look the code up."};
    return Error(told.fault, trouble.sentence);
}

Result<void> parse_done(View answer, ToldFaults& faults) {
    TRY(const Reader reader, open(answer, faults));
    if (!reader.at_end()) return strange();
    return {};
}

Result<Offered> parse_offered(View answer, ToldFaults& faults) {
    TRY(Reader reader, open(answer, faults));
    TRY(const auto handle, reader.number<std::uint32_t>());
    TRY(const auto stored, reader.number<std::uint32_t>());
    if (!reader.at_end()) return strange();
    return Offered{handle, stored};
}

Result<std::vector<WorkReport>> parse_report(View answer) {
    if (answer.size() < routine_head_bytes) return strange();
    Reader reader(answer.subspan(routine_head_bytes));
    TRY(const auto status, reader.number<std::uint8_t>());
    if (status != succeeded) return strange();
    TRY(const auto count, reader.number<std::uint8_t>());
    std::vector<WorkReport> report;
    for (int i = 0; i < count; ++i) {
        TRY(WorkReport row, reader.row());
        report.push_back(std::move(row));
    }
    if (!reader.at_end()) return strange();
    return report;
}

}  // namespace pitstop::flash
