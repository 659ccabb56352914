// Makes what Deliveries asks for: reads the images, makes the delta, applies it once to see that it gives the image
// back, and keeps its bytes. Nothing leaves this server that was not tried here.
//
// make_delivery is heavy: run it on a Pool. DeliveryWorks does, as many at once as the settings allow, on threads of
// their own, so that signatures do not wait for deltas.
// Faults: those of stored_images.h and core/delta; server.delta-does-not-fit; blobs.*, files.*
#pragma once

#include "apps/server/deliveries.h"
#include "core/base/for_each.h"
#include "io/runtime/loop.h"
#include "io/runtime/pool.h"
#include "io/runtime/signal.h"

namespace pitstop::server {

struct PayloadFolders {
    const io::blobs::BlobFolder& packages;
    const io::blobs::BlobFolder& payloads;
};

[[nodiscard]] Result<MadeDelivery> make_delivery(const DeliveryJob& job, const PayloadFolders& folders,
                                                 double saves_at_least, const ForEach& for_each);

// Applied as an ECU does, a delta gives the image back. server.delta-does-not-fit, core/delta's
[[nodiscard]] Result<void> check_gives_back(View base, View made, View image);

class DeliveryWorks {
public:
    // `on_finished`: vehicles may have waited for it.
    DeliveryWorks(io::Loop& loop, Deliveries& deliveries, PayloadFolders folders,
                  std::function<Result<void>(UtcTime)> on_finished);

    void start();  // spawns the workers on the loop

private:
    [[nodiscard]] io::Task<void> work();

    io::Loop& loop_;
    Deliveries& deliveries_;
    PayloadFolders folders_;
    std::function<Result<void>(UtcTime)> on_finished_;
    io::Signal asked_;
    io::Pool pool_;
};

}  // namespace pitstop::server
