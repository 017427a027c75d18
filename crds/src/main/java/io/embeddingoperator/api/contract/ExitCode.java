package io.embeddingoperator.api.contract;

/** How a runner ends; the operator's pod failure policy is written in these. */
public enum ExitCode {
    /** Every document was embedded, skipped, or failed within the limit. */
    DONE(0),
    /** The specification cannot work: never tried again, the message names the field. */
    BAD_SPECIFICATION(64),
    /**
     * Every good document is in the sink, but more failed than the failure policy allows, or files are damaged: final, never
     * tried again.
     */
    TOO_MANY_FAILED_DOCUMENTS(65),
    /** Paused after a clean checkpoint: going on would cost more than the budget allows. A larger budget goes on from there. */
    BUDGET_EXHAUSTED(66),
    /**
     * Every good document is in the sink, but more rows have lost their document than one run may remove, and none was
     * removed: final, never tried again.
     */
    ORPHAN_LIMIT_EXCEEDED(67),
    /** Something outside was unavailable: tried again from the checkpoint. */
    TRY_AGAIN(75),
    /** SIGINT, after a clean checkpoint. */
    INTERRUPTED(130),
    /** SIGTERM, after a clean checkpoint. */
    TERMINATED(143);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
