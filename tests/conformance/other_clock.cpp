// Suites run these programs on another day by preloading a library, which then comes before the sanitizer's. Only the
// order is wrong then, and the sanitizer would rather not run at all.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "verify_asan_link_order=0"; }
