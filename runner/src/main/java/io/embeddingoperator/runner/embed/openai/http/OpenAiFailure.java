package io.embeddingoperator.runner.embed.openai.http;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** Everything that is not a good reply, in the kinds that differ in what is to be done. No sentence holds the API key. */
public sealed interface OpenAiFailure {
    /** What happened, for a person, with the provider's own message. */
    String sentence();

    /** The server answered: its headers may tell about limits. */
    sealed interface Answered extends OpenAiFailure {
        OpenAiReply reply();

        /** What the body says; its texts are the server's own and may quote what it was sent. */
        default OpenAiError error() {
            return OpenAiError.of(reply());
        }
    }

    /** Too much, or too fast: the same request is answered later. */
    sealed interface Throttled extends Answered {
        /** The least time to wait, where the server says it. */
        Optional<Duration> retryAfter();
    }

    /** For the account, the key or the path: no request like it will be answered, and none is tried again. */
    sealed interface Fatal extends Answered {}

    /** For what the request holds: another one may be answered. */
    sealed interface Refused extends Answered {}

    /** 429: too much at once; retryAfter is the least time to wait, where the server says it. */
    record RateLimited(OpenAiReply reply, String sentence, Optional<Duration> retryAfter) implements Throttled {
        public RateLimited {
            check(reply, sentence);
            Objects.requireNonNull(retryAfter, "retryAfter");
        }
    }

    /** The load grew too fast, also within the limits; retryAfter is the least time to wait, where the server says it. */
    record SlowDown(OpenAiReply reply, String sentence, Optional<Duration> retryAfter) implements Throttled {
        public SlowDown {
            check(reply, sentence);
            Objects.requireNonNull(retryAfter, "retryAfter");
        }
    }

    /** The account has nothing to pay with. */
    record Billing(OpenAiReply reply, String sentence) implements Fatal {
        public Billing {
            check(reply, sentence);
        }
    }

    /** The key is missing, wrong or not allowed to do this. */
    record Unauthorized(OpenAiReply reply, String sentence) implements Fatal {
        public Unauthorized {
            check(reply, sentence);
        }
    }

    /** The model (its error is {@code model_not_found}), the path or the object is not there, or is told to be elsewhere. */
    record NotFound(OpenAiReply reply, String sentence) implements Fatal {
        private static final String BASE_URL = "spec.embedder.openai.baseUrl";

        public NotFound {
            check(reply, sentence);
        }

        /** What to do where nothing but this server's API was wanted. */
        String remedy() {
            return reply.status() / 100 == 3
                    ? "set %s to where the API is served: a redirect is not followed, since the key would go along"
                            .formatted(BASE_URL)
                    : "check %s, spec.embedder.openai.model or deployment, and what the key may use"
                            .formatted(BASE_URL);
        }
    }

    /**
     * The request is refused for what it holds: never sent again as it is.
     *
     * @param param the field that the server blames, where it does
     * @param input the text that the server blames by its place in the request, where it does
     * @param content whether the server says that a text is at fault, and not the request as such
     */
    record BadRequest(OpenAiReply reply, String sentence, Optional<String> param, OptionalInt input, boolean content)
            implements Refused {
        public BadRequest {
            check(reply, sentence);
            Objects.requireNonNull(param, "param");
            Objects.requireNonNull(input, "input");
        }
    }

    /** The request as a whole is larger than the server takes, or than the account could ever send: to be divided. */
    record TooLarge(OpenAiReply reply, String sentence) implements Refused {
        public TooLarge {
            check(reply, sentence);
        }
    }

    /** The server fails, or replies with what is no reply; retryAfter is the least time to wait, where the server says it. */
    record ServerTrouble(OpenAiReply reply, String sentence, Optional<Duration> retryAfter) implements Answered {
        public ServerTrouble {
            check(reply, sentence);
            Objects.requireNonNull(retryAfter, "retryAfter");
        }

        public int status() {
            return reply.status();
        }
    }

    /**
     * No whole reply came.
     *
     * @param sent whether the server may have received the request, carried it out and billed it
     * @param remedy what to do, where waiting changes nothing, as of a certificate that is not trusted
     */
    record NetworkTrouble(boolean sent, Optional<String> remedy, String sentence) implements OpenAiFailure {
        public NetworkTrouble {
            Objects.requireNonNull(remedy, "remedy");
            Objects.requireNonNull(sentence, "sentence");
        }

        /** That may pass. */
        public NetworkTrouble(boolean sent, String sentence) {
            this(sent, Optional.empty(), sentence);
        }
    }

    private static void check(OpenAiReply reply, String sentence) {
        Objects.requireNonNull(reply, "reply");
        Objects.requireNonNull(sentence, "sentence");
    }
}
