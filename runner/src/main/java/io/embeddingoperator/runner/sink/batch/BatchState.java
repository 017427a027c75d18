package io.embeddingoperator.runner.sink.batch;

/**
 * Where a batch stands. A state in -ing is written before the step outside that it names, and the next one after it: a process
 * that finds such a state asks the provider whether the step took place.
 */
public enum BatchState {
    /** Its documents are chosen; nothing is outside. */
    Packed(false),
    Uploading(false),
    Uploaded(false),
    Creating(true),
    /** The provider works on it. */
    Submitted(true),
    /** The provider is told to stop. */
    Cancelling(true),
    /** The provider is through; its results are being read. */
    Importing(false),
    /** All its documents are taken care of; its files are still there. */
    Imported(false),
    /** Over, and nothing of it is left at the provider: as are the following. */
    Done(false),
    Failed(false),
    Expired(false),
    Cancelled(false);

    private final boolean enqueued;

    BatchState(boolean enqueued) {
        this.enqueued = enqueued;
    }

    /** Whether its tokens count against the provider's limit of enqueued tokens. */
    public boolean enqueued() {
        return enqueued;
    }

    /** Whether nothing remains to be done. */
    public boolean over() {
        return switch (this) {
            case Packed, Uploading, Uploaded, Creating, Submitted, Cancelling, Importing, Imported -> false;
            case Done, Failed, Expired, Cancelled -> true;
        };
    }
}
