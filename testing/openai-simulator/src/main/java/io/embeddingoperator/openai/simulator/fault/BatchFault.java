package io.embeddingoperator.openai.simulator.fault;

import io.embeddingoperator.openai.simulator.embedding.Spoil;

/** What goes wrong with a batch: scheduled on {@link Endpoint#CREATE_BATCH}, it stays with the batch that is made there. */
public sealed interface BatchFault extends Fault.OfBatch {
    /** It ends as failed after validation, with this code. */
    record FailsValidation(String code, String message) implements BatchFault {}

    /** It ends as failed because too many tokens wait already, although they may not. */
    record EnqueuedTokenLimit() implements BatchFault {}

    /** The same for requests. */
    record EnqueuedRequestLimit() implements BatchFault {}

    /** After it has ended, its tokens count as enqueued for so long. */
    record QueueNotReleased(long seconds) implements BatchFault {}

    /**
     * It never gets further than a part of its lines and expires.
     *
     * @param afterSeconds 86400, or sooner for who cannot wait
     */
    record Expires(double fraction, long afterSeconds) implements BatchFault {}

    /** Another client cancels it, when it is in this state and this part of its lines is done. */
    record CancelledByOthers(BatchState in, double fraction) implements BatchFault {}

    /** It stays in a state for so long. */
    record Stuck(BatchState in, long seconds) implements BatchFault {}

    /** While it is in progress it shows an unknown status. */
    record UnknownStatus(String status) implements BatchFault {}

    /** Completed, and nothing was ever done: no file is named, and nothing is counted or billed. */
    record NeverWorked() implements BatchFault {}

    /** Completed, and no output file is named although lines succeeded. */
    record NullOutput() implements BatchFault {}

    /** Completed, and the output file is named only when the batch was asked for so many times. */
    record OutputNamedLate(int questions) implements BatchFault {}

    /** The id of the error file is an empty string where there is none. */
    record EmptyErrorFileId() implements BatchFault {}

    /** request_counts claim more than the files hold. */
    record CountsDisagree() implements BatchFault {}

    /**
     * Every so-many-th line goes into the error file with this status.
     *
     * @param every 1 for all lines
     */
    record LinesFail(int every, int status, String code, String message) implements BatchFault {}

    /** Every so-many-th line ends with response null and request_timeout: it never ran. */
    record LinesTimeOut(int every) implements BatchFault {}

    /** Every so-many-th line has a body whose vectors are wrong. */
    record SpoiledLines(Spoil how, int every) implements BatchFault {}

    /** The output file is not what the API promises. */
    record SpoiledOutput(How how) implements BatchFault {
        public enum How {
            /** Half of the lines, and the last of them cut in its middle. */
            TRUNCATED_IN_LINE,
            CRLF,
            BLANK_LINES,
            /** Every third line twice. */
            DUPLICATES,
            /** Every third line twice, the second time with a vector of another text. */
            CONFLICTING_DUPLICATES,
            /** Every fifth line is not there. */
            MISSING_LINES,
            /** Lines with custom_ids that were not sent. */
            FOREIGN_LINES,
            /** Every third line also stands in the error file. */
            IN_BOTH_FILES,
            /** The lines in an order of chance where the API promises that of the requests, as Gemini's does. */
            MIXED,
            /** Every custom_id is null. */
            NO_CUSTOM_IDS,
            /** A line that is no JSON among the others. */
            GARBAGE_LINE,
            /** Named and gone: 404. */
            GONE
        }
    }

    /** Neither its lines nor the batch tell what they cost. */
    record UntoldBill() implements BatchFault {}

    /** A proxy on the way does not keep the metadata of a batch. */
    record NoMetadata() implements BatchFault {}

    /** Vectors come as numbers although base64 was asked for. */
    record IgnoresBase64() implements BatchFault {}
}
