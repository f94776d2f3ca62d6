"""Functions that say nothing about a fault, and whose the classes of runtimes are, by their names."""

from __future__ import annotations

from stories.crashes.places import Owner

# What every promise, event and render goes through; bundles hold copies of it.
_SCRIPT = frozenset(
    """
    processTicksAndRejections runMicrotasks runNextTicks listOnTimeout processTimers
    queueMicrotask _asyncToGenerator asyncToGenerator asyncGeneratorStep _next _throw __awaiter
    __generator fulfilled rejected tryCatch _callSuper _super sentryWrapped __webpack_require__
    webpackJsonpCallback __webpack_exec__ drainMicroTaskQueue onInvokeTask invokeTask runTask
    ZoneDelegate asyncFunctionResume promiseReactionJob __zone_symbol__invoke renderWithHooks
    renderWithHooksAgain updateFunctionComponent mountIndeterminateComponent
    updateClassComponent finishClassComponent constructClassInstance mountClassInstance
    mountLazyComponent updateSimpleMemoComponent updateMemoComponent updateForwardRef
    updateContextConsumer beginWork performUnitOfWork workLoopSync workLoopConcurrent workLoop
    renderRootSync renderRootConcurrent performWorkOnRoot performConcurrentWorkOnRoot
    performSyncWorkOnRoot flushSyncCallbacks performWorkOnRootViaSchedulerTask
    flushSyncWorkAcrossRoots_impl recoverFromConcurrentError flushWork performWorkUntilDeadline
    callCallback invokeGuardedCallbackDev invokeGuardedCallbackImpl invokeGuardedCallback
    invokeGuardedCallbackAndCatchFirstError executeDispatch processDispatchQueue
    processDispatchQueueItemsInOrder dispatchEventsForPlugins dispatchEventForPluginEventSystem
    dispatchDiscreteEvent batchedUpdates batchedEventUpdates flushPassiveEffects
    flushPassiveEffectsImpl commitRoot commitRootImpl commitHookEffectListMount
    commitHookEffectListUnmount runWithFiberInDEV react-stack-bottom-frame
    react_stack_bottom_frame callWithErrorHandling callWithAsyncErrorHandling
    invokeWithErrorHandling flushJobs renderComponentRoot componentUpdateFn setupRenderEffect
    mountComponent processComponent setupStatefulComponent
    """.split()  # noqa: SIM905 (words)
)
_SCRIPT_STARTS = tuple(
    """
    commitPassive commitLayout commitMutation commitBeforeMutation reappearLayout
    recursivelyTraverse disconnectPassive
    """.split()  # noqa: SIM905 (words)
)
# What every abort, exception, panic and thread goes through.
_NATIVE = frozenset(
    """
    abort raise gsignal kill pthread_kill __GI_abort __GI_raise __pthread_kill
    __pthread_kill_internal __pthread_kill_implementation __assert_fail __assert_fail_base
    __assert_rtn _wassert _assert _CxxThrowException RaiseException __cxa_throw __cxa_rethrow
    __cxa_bad_cast __gnu_cxx terminate _invoke_watson _invalid_parameter
    _invalid_parameter_noinfo _purecall __fastfail RaiseFailFastException
    KiUserExceptionDispatcher RtlDispatchException RtlRaiseException UnhandledExceptionFilter
    rust_panic rust_begin_unwind panic_fmt begin_panic _Unwind_Resume __rust_start_panic
    BaseThreadInitThunk RtlUserThreadStart RtlExitUserThread _start start start_thread clone
    clone3 __libc_start_main __libc_start_main_impl __libc_start_call_main thread_start
    _pthread_start invoke_main __scrt_common_main_seh __scrt_common_main mainCRTStartup
    WinMainCRTStartup objc_exception_throw __exceptionPreprocess _sigtramp __restore_rt
    """.split()  # noqa: SIM905 (words)
)
_NATIVE_STARTS = tuple(
    """
    __asan_ __interceptor_ __sanitizer_ std:: core:: alloc:: __gnu_cxx:: rust_ __rust_ _Unwind_
    operator google_breakpad:: crashpad:: base::debug:: logging::LogMessage swift:: __cxa_
    backtrace:: boost:: absl:: testing::
    """.split()  # noqa: SIM905 (words)
)

# Frames of the JVM and of .NET have no path: their classes say whose they are.
_PLATFORM_CLASSES = tuple(
    """
    java. javax. jdk. sun. com.sun. kotlin. kotlinx. scala. android. com.android. dalvik.
    libcore. System. Microsoft. Mono. Interop. dart: runtime. java.base/ jdk.internal.
    """.split()  # noqa: SIM905 (words)
)
_LIBRARY_CLASSES = tuple(
    """
    androidx. org.springframework. org.apache. org.hibernate. com.google. okhttp3. okio.
    retrofit2. io.reactivex. io.netty. org.eclipse. com.fasterxml. io.ktor. Newtonsoft. Npgsql.
    Dapper. Serilog. junit. org.junit. reactor. org.gradle.
    """.split()  # noqa: SIM905 (words)
)


def is_glue(name: str, native: bool) -> bool:
    """Whether every crash of its kind goes through the function, so that it says nothing."""
    if native:
        return name in _NATIVE or name.startswith(_NATIVE_STARTS)
    return name in _SCRIPT or name.startswith(_SCRIPT_STARTS)


def owner_of_class(name: str) -> Owner:
    if name.startswith(_PLATFORM_CLASSES):
        return Owner.PLATFORM
    return Owner.LIBRARY if name.startswith(_LIBRARY_CLASSES) else Owner.APP
