#include "apps/server/audit_log.h"
#include "apps/server/cloud_on_the_desk.h"
#include "apps/server/faults.h"

#include <sstream>

namespace pitstop::server {
namespace {

class Audit : public testing::Test {
protected:
    [[nodiscard]] std::string read() const {
        std::ostringstream text;
        text << std::ifstream(file()).rdbuf();
        return text.str();
    }
    void write(const std::string& text) const { std::ofstream(file()) << text; }
    [[nodiscard]] std::filesystem::path file() const { return folder_ / "audit.log"; }
    void append(std::size_t count) const {
        auto log = AuditLog::open(file());
        ASSERT_TRUE(log) << log.error().str();
        for (std::size_t i = 0; i < count; ++i)
            ASSERT_TRUE(log->append({UtcTime{1'800'000'000}, "boss", "admin", "deploy", "winter", "done"}));
    }

    desk::Folder folder_;
};

TEST_F(Audit, ContinuesItsChainAfterARestart) {
    append(2);
    append(1);
    const auto log = AuditLog::open(file());
    ASSERT_TRUE(log);
    EXPECT_EQ(log->entries(), 3U);
}

TEST_F(Audit, NoticesAChangedAMissingAndAnExchangedLine) {
    append(3);
    const std::string honest = read();
    const auto first_end = honest.find('\n') + 1, second_end = honest.find('\n', first_end) + 1;
    std::string changed = honest;
    changed.replace(changed.find("winter"), 6, "summer");
    write(changed);
    EXPECT_TRUE(AuditLog::open(file()).error().is(faults::audit_broken));
    write(honest.substr(0, first_end) + honest.substr(second_end));
    EXPECT_TRUE(AuditLog::open(file()).error().is(faults::audit_broken));
    write(honest.substr(first_end));
    EXPECT_TRUE(AuditLog::open(file()).error().is(faults::audit_broken));
    write("garbage\n");
    EXPECT_TRUE(AuditLog::open(file()).error().is(faults::audit_broken));
    write(honest);
    EXPECT_TRUE(AuditLog::open(file()));
}

TEST_F(Audit, CutsOffTheHalfLineThatACrashLeft) {
    append(2);
    const std::string whole = read();
    write(whole + R"({"number":3,"ti)");
    append(1);
    EXPECT_EQ(AuditLog::open(file())->entries(), 3U);
    EXPECT_TRUE(read().starts_with(whole));
}

TEST_F(Audit, SaysWhenItCannotBeWritten) {
    EXPECT_TRUE(AuditLog::open(folder_ / "absent" / "audit.log").error().is(faults::audit_unwritable));
}

}  // namespace
}  // namespace pitstop::server
