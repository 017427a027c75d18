package io.embeddingoperator.openai.simulator.fault;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.embeddingoperator.openai.simulator.embedding.Spoil;

/** What goes wrong with one request, or with the batch that it makes. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Fault.RateLimit.class, name = "RateLimit"),
    @JsonSubTypes.Type(value = Fault.SlowDown.class, name = "SlowDown"),
    @JsonSubTypes.Type(value = Fault.Billing.class, name = "Billing"),
    @JsonSubTypes.Type(value = Fault.ServerError.class, name = "ServerError"),
    @JsonSubTypes.Type(value = Fault.Answer.class, name = "Answer"),
    @JsonSubTypes.Type(value = Fault.TextRefused.class, name = "TextRefused"),
    @JsonSubTypes.Type(value = Fault.SlowHeaders.class, name = "SlowHeaders"),
    @JsonSubTypes.Type(value = Fault.SlowDrip.class, name = "SlowDrip"),
    @JsonSubTypes.Type(value = Fault.Reset.class, name = "Reset"),
    @JsonSubTypes.Type(value = Fault.Cut.class, name = "Cut"),
    @JsonSubTypes.Type(value = Fault.WithoutLimitHeaders.class, name = "WithoutLimitHeaders"),
    @JsonSubTypes.Type(value = Fault.Spoiled.class, name = "Spoiled"),
    @JsonSubTypes.Type(value = BatchFault.FailsValidation.class, name = "FailsValidation"),
    @JsonSubTypes.Type(value = BatchFault.EnqueuedTokenLimit.class, name = "EnqueuedTokenLimit"),
    @JsonSubTypes.Type(value = BatchFault.EnqueuedRequestLimit.class, name = "EnqueuedRequestLimit"),
    @JsonSubTypes.Type(value = BatchFault.QueueNotReleased.class, name = "QueueNotReleased"),
    @JsonSubTypes.Type(value = BatchFault.Expires.class, name = "Expires"),
    @JsonSubTypes.Type(value = BatchFault.CancelledByOthers.class, name = "CancelledByOthers"),
    @JsonSubTypes.Type(value = BatchFault.Stuck.class, name = "Stuck"),
    @JsonSubTypes.Type(value = BatchFault.UnknownStatus.class, name = "UnknownStatus"),
    @JsonSubTypes.Type(value = BatchFault.NullOutput.class, name = "NullOutput"),
    @JsonSubTypes.Type(value = BatchFault.OutputNamedLate.class, name = "OutputNamedLate"),
    @JsonSubTypes.Type(value = BatchFault.EmptyErrorFileId.class, name = "EmptyErrorFileId"),
    @JsonSubTypes.Type(value = BatchFault.CountsDisagree.class, name = "CountsDisagree"),
    @JsonSubTypes.Type(value = BatchFault.LinesFail.class, name = "LinesFail"),
    @JsonSubTypes.Type(value = BatchFault.LinesTimeOut.class, name = "LinesTimeOut"),
    @JsonSubTypes.Type(value = BatchFault.SpoiledLines.class, name = "SpoiledLines"),
    @JsonSubTypes.Type(value = BatchFault.SpoiledOutput.class, name = "SpoiledOutput"),
    @JsonSubTypes.Type(value = BatchFault.UntoldBill.class, name = "UntoldBill"),
    @JsonSubTypes.Type(value = BatchFault.NoMetadata.class, name = "NoMetadata"),
    @JsonSubTypes.Type(value = BatchFault.IgnoresBase64.class, name = "IgnoresBase64")
})
public sealed interface Fault {
    /** Whether it makes sense there. */
    default boolean fits(Endpoint endpoint) {
        return true;
    }

    /** A refusal in place of the reply; nothing is executed and nothing is billed. */
    sealed interface Refusal extends Fault {}

    /** Happens to a reply on its way; the work has been done and billed. */
    sealed interface Transport extends Fault {
        /** Whether the client does not get what it paid for. */
        boolean loses();
    }

    /**
     * 429, although the bucket may be full.
     *
     * @param limitHeaders whether the x-ratelimit headers come with it
     */
    record RateLimit(RetryAfter retryAfter, boolean limitHeaders) implements Refusal {}

    /** 429 with the code slow_down. */
    record SlowDown(RetryAfter retryAfter) implements Refusal {}

    /** 429 that no waiting cures. */
    record Billing(BillingCode code) implements Refusal {}

    /** 500, 502, 503. */
    record ServerError(int status, Page page, RetryAfter retryAfter) implements Refusal {
        /** What stands in the body. */
        public enum Page {
            JSON,
            /** The page of a gateway. */
            HTML,
            EMPTY
        }

        public static ServerError internal() {
            return new ServerError(500, Page.JSON, new RetryAfter.None());
        }

        public static ServerError badGateway() {
            return new ServerError(502, Page.HTML, new RetryAfter.None());
        }

        public static ServerError overloaded() {
            return new ServerError(503, Page.JSON, new RetryAfter.None());
        }
    }

    /** Any error at all: a key that has been revoked, a model that has been taken away. */
    record Answer(int status, String message, String type, String code) implements Refusal {}

    /** 400 for what contains this text: content that the provider does not take. In a batch the line alone fails. */
    record TextRefused(String containing, String message) implements Refusal {
        @Override
        public boolean fits(Endpoint endpoint) {
            return endpoint == Endpoint.EMBEDDINGS;
        }
    }

    /** The reply begins late. */
    record SlowHeaders(long milliseconds) implements Transport {
        @Override
        public boolean loses() {
            return false;
        }
    }

    /** The reply comes in so many bytes at a time, with a pause between. */
    record SlowDrip(long milliseconds, int bytes) implements Transport {
        @Override
        public boolean loses() {
            return false;
        }
    }

    /**
     * The connection is reset before a header was sent.
     *
     * @param executed whether the work was done all the same: a batch was made, a file kept, a request billed
     */
    record Reset(boolean executed) implements Transport {
        @Override
        public boolean loses() {
            return true;
        }
    }

    /**
     * The body ends early.
     *
     * @param fraction of the body that arrives
     */
    record Cut(Ending ending, double fraction) implements Transport {
        /** How the connection ends. */
        public enum Ending {
            /** In an orderly reply, whose length is that of what arrives. */
            CLEAN,
            /** The connection is closed, before the promised length. */
            CLOSED,
            /** The connection is reset. */
            RESET
        }

        @Override
        public boolean loses() {
            return true;
        }
    }

    /** A good reply without x-ratelimit headers. */
    record WithoutLimitHeaders() implements Transport {
        @Override
        public boolean loses() {
            return false;
        }
    }

    /** A reply with status 200 whose vectors are wrong. */
    record Spoiled(Spoil how) implements Fault {
        @Override
        public boolean fits(Endpoint endpoint) {
            return endpoint == Endpoint.EMBEDDINGS;
        }
    }

    /** What goes wrong with a batch, decided when it is created. */
    sealed interface OfBatch extends Fault permits BatchFault {
        @Override
        default boolean fits(Endpoint endpoint) {
            return endpoint == Endpoint.CREATE_BATCH;
        }
    }
}
