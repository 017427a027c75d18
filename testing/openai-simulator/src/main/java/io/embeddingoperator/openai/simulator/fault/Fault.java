package io.embeddingoperator.openai.simulator.fault;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.embeddingoperator.openai.simulator.embedding.Spoil;
import io.embeddingoperator.openai.simulator.embedding.Tokens;
import io.embeddingoperator.openai.simulator.error.ApiError;
import java.util.List;
import java.util.Map;

/** What goes wrong with one request, or with the batch that it makes. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Fault.RateLimit.class, name = "RateLimit"),
    @JsonSubTypes.Type(value = Fault.SlowDown.class, name = "SlowDown"),
    @JsonSubTypes.Type(value = Fault.Billing.class, name = "Billing"),
    @JsonSubTypes.Type(value = Fault.ServerError.class, name = "ServerError"),
    @JsonSubTypes.Type(value = Fault.Answer.class, name = "Answer"),
    @JsonSubTypes.Type(value = Fault.Verbatim.class, name = "Verbatim"),
    @JsonSubTypes.Type(value = Fault.TextRefused.class, name = "TextRefused"),
    @JsonSubTypes.Type(value = Fault.TextFails.class, name = "TextFails"),
    @JsonSubTypes.Type(value = Fault.TextTooLong.class, name = "TextTooLong"),
    @JsonSubTypes.Type(value = Fault.TooManyTexts.class, name = "TooManyTexts"),
    @JsonSubTypes.Type(value = Fault.SlowTexts.class, name = "SlowTexts"),
    @JsonSubTypes.Type(value = Fault.SlowHeaders.class, name = "SlowHeaders"),
    @JsonSubTypes.Type(value = Fault.SlowDrip.class, name = "SlowDrip"),
    @JsonSubTypes.Type(value = Fault.Reset.class, name = "Reset"),
    @JsonSubTypes.Type(value = Fault.Cut.class, name = "Cut"),
    @JsonSubTypes.Type(value = Fault.GoAway.class, name = "GoAway"),
    @JsonSubTypes.Type(value = Fault.FailsAfterwards.class, name = "FailsAfterwards"),
    @JsonSubTypes.Type(value = Fault.Compressed.class, name = "Compressed"),
    @JsonSubTypes.Type(value = Fault.OtherHeaders.class, name = "OtherHeaders"),
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

    /**
     * Another server's or a gateway's reply, word for word: a page with status 200, an error in a form of its own.
     *
     * @param contentType as the header says
     */
    record Verbatim(int status, String contentType, String body) implements Refusal {
        public static Verbatim json(int status, String body) {
            return new Verbatim(status, "application/json", body);
        }

        public static Verbatim text(int status, String body) {
            return new Verbatim(status, "text/plain", body);
        }

        public static Verbatim page(int status, String title) {
            return new Verbatim(
                    status,
                    "text/html; charset=utf-8",
                    "<!doctype html><html><head><title>%s</title></head><body></body></html>".formatted(title));
        }
    }

    /** What is refused of some texts, and of no others. In a batch the line alone fails. */
    sealed interface OfTexts extends Refusal {
        /** Whether a request for these texts is refused. */
        boolean meets(List<String> texts);

        ApiError error();

        @Override
        default boolean fits(Endpoint endpoint) {
            return endpoint == Endpoint.EMBEDDINGS;
        }
    }

    /** 400 for what contains this text: content that the provider does not take. */
    record TextRefused(String containing, String message) implements OfTexts {
        @Override
        public boolean meets(List<String> texts) {
            return texts.stream().anyMatch(text -> text.contains(containing));
        }

        @Override
        public ApiError error() {
            return ApiError.invalid(message);
        }
    }

    /** 500 for what contains this text, as of a server that cannot write a vector that is not a number. */
    record TextFails(String containing, String message) implements OfTexts {
        @Override
        public boolean meets(List<String> texts) {
            return texts.stream().anyMatch(text -> text.contains(containing));
        }

        @Override
        public ApiError error() {
            return new ApiError(500, message, "api_error", null, null);
        }
    }

    /** 400 for a text of more tokens, which is not told by its place. */
    record TextTooLong(int mostTokens) implements OfTexts {
        @Override
        public boolean meets(List<String> texts) {
            return texts.stream().anyMatch(text -> Tokens.count(text) > mostTokens);
        }

        @Override
        public ApiError error() {
            return ApiError.invalid("This model's maximum context length is " + mostTokens
                    + " tokens. Please reduce the length of the input.");
        }
    }

    /** 400 for a request of more texts. */
    record TooManyTexts(int most) implements OfTexts {
        @Override
        public boolean meets(List<String> texts) {
            return texts.size() > most;
        }

        @Override
        public ApiError error() {
            return ApiError.invalid("batch size is invalid, it should not be larger than " + most + ".");
        }
    }

    /** Each text of a request takes so long: many of them take minutes. */
    record SlowTexts(long milliseconds) implements Fault {
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

    /** Over HTTP/2 the server says that it never took the request, which it has carried out; over HTTP/1.1 it hangs up. */
    record GoAway() implements Transport {
        @Override
        public boolean loses() {
            return true;
        }
    }

    /** The request is carried out, and answered as if it had failed. */
    record FailsAfterwards(int status) implements Transport {
        @Override
        public boolean loses() {
            return true;
        }
    }

    /** A gateway compresses each reply, also where the client did not ask for it. */
    record Compressed() implements Transport {
        @Override
        public boolean loses() {
            return false;
        }
    }

    /** A gateway writes headers of its own, with lower-case names, in place of the server's. */
    record OtherHeaders(Map<String, String> headers) implements Transport {
        public OtherHeaders {
            headers = Map.copyOf(headers);
        }

        /** Limits as they were when nothing was left, for ever. */
        public static OtherHeaders nothingLeft() {
            return new OtherHeaders(Map.of(
                    "x-ratelimit-limit-requests", "1000",
                    "x-ratelimit-remaining-requests", "0",
                    "x-ratelimit-reset-requests", "1ms"));
        }

        @Override
        public boolean loses() {
            return false;
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
