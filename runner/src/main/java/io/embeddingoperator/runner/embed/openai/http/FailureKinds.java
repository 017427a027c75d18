package io.embeddingoperator.runner.embed.openai.http;

import io.embeddingoperator.runner.embed.openai.pacing.RateLimitHeaders;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells what an answer that is no good reply means, from its status and from what its body says in any server's form. */
final class FailureKinds {
    private static final Pattern INPUT = Pattern.compile("(?:\\binput\\[|\\bexample at index )(\\d{1,6})\\b");

    /** What servers say of a text that is too long for their model. */
    private static final Pattern TOO_LONG = Pattern.compile(
            "(?i)maximum (context|input) length|context length|must have less than|inputs? (is|are) too long"
                    + "|too many tokens|too large to process|exceeds the (model's )?(context|maximum)|cannot exceed \\d+ tokens"
                    + "|range of input length");

    /** What they say of one that is empty or of the wrong form. */
    private static final Pattern UNFIT =
            Pattern.compile("(?i)\\$\\.input\\b|cannot be empty|must not be empty|empty (input|string)");

    /** llama.cpp says so of a text that its settings are too small for, also where its model takes more. */
    private static final Pattern LARGER_THAN_BATCH = Pattern.compile("(?i)input .*is too large to process");

    private static final String SHORTER_CHUNKS = "lower spec.embedder.openai.maxTokens and spec.chunking.maxTokens";

    private static final Pattern WHOLE_REQUEST = Pattern.compile(
            "(?i)^request too large|max \\d+ tokens per request|batch size|array too long|too many (inputs|texts|items)|payload too large"
                    + "|at most \\d+ (requests|inputs|texts|items)|texts must be at most \\d+|input token count is \\d+"
                    + "|tokens per submitted batch|too many tokens (in batch|overall)|largest allowed size");

    /** DashScope calls a limit of each minute what others call an account without money. */
    private static final Pattern THROTTLED = Pattern.compile("(?i)\\ballocated quota exceeded\\b");

    /** Gemini refuses a wrong key with status 400. */
    private static final Pattern WRONG_KEY = Pattern.compile("(?i)\\bAPI key (not valid|is invalid|not found)");

    /** Gemini does not tell a file that is gone from one of another project. */
    private static final Pattern MAY_NOT_EXIST = Pattern.compile("(?i)\\bfile \\S+ or it may not exist");

    private static final Pattern ERROR_STATUS = Pattern.compile("[45]\\d\\d");

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int INTERNAL_ERROR = 500;

    private final OpenAiEndpoint endpoint;
    private final Clock clock;

    FailureKinds(OpenAiEndpoint endpoint, Clock clock) {
        this.endpoint = endpoint;
        this.clock = clock;
    }

    /** @param what the request as the method and path that a person sees */
    OpenAiFailure of(String what, OpenAiReply reply) {
        OpenAiError error = OpenAiError.of(reply);
        String sentence = sentence(what, reply, error);
        Optional<Duration> retryAfter =
                RateLimitHeaders.read(reply.headers()::get, clock.instant()).retryAfter();
        if (THROTTLED.matcher(error.message()).find()) {
            return new OpenAiFailure.RateLimited(reply, sentence, retryAfter);
        }
        if (OpenAiFailures.isBilling(error.code()) || OpenAiFailures.isBilling(error.type()) || reply.status() == 402) {
            return new OpenAiFailure.Billing(reply, sentence);
        }
        if (reply.status() / 100 == 3) {
            String location = endpoint.withoutSecrets(reply.header("location").orElse("nowhere"));
            return new OpenAiFailure.NotFound(reply, "%s redirects to %s".formatted(what, location));
        }
        int status = status(reply, error);
        return switch (status) {
            case 401, 407 -> new OpenAiFailure.Unauthorized(reply, unauthorized(what, reply, error));
            case 403 ->
                error.is("model_not_found")
                                || MAY_NOT_EXIST.matcher(error.message()).find()
                        ? new OpenAiFailure.NotFound(reply, sentence)
                        : new OpenAiFailure.Unauthorized(reply, unauthorized(what, reply, error));
            case 404, 405, 410, 501 -> new OpenAiFailure.NotFound(reply, sentence);
            case 408, 425 -> new OpenAiFailure.ServerTrouble(reply, sentence, retryAfter);
            case 413 ->
                isContent(error) ? badRequest(reply, error, sentence) : new OpenAiFailure.TooLarge(reply, sentence);
            // Text Embeddings Inference: its backend failed.
            case 424 -> new OpenAiFailure.ServerTrouble(reply, sentence, retryAfter);
            case 429 -> tooMany(reply, error, sentence, retryAfter);
            default ->
                status >= 500 || status < 300
                        ? overloaded(reply, error, sentence, retryAfter)
                        : refused(what, reply, error, sentence);
        };
    }

    /**
     * What the status should have been, where a gateway puts an error into a reply with a good one: the error's code may tell. A
     * page there is of another server, as at an address that the API is not served at.
     */
    private static int status(OpenAiReply reply, OpenAiError error) {
        if (reply.status() / 100 != 2) {
            return reply.status();
        }
        if (error.form() == OpenAiError.Form.PAGE) {
            return NOT_FOUND;
        }
        if (ERROR_STATUS.matcher(error.code()).matches()) {
            return Integer.parseInt(error.code());
        }
        return error.is("invalid_request_error") ? BAD_REQUEST : INTERNAL_ERROR;
    }

    private static OpenAiFailure tooMany(
            OpenAiReply reply, OpenAiError error, String sentence, Optional<Duration> retryAfter) {
        if (error.is("slow_down")) {
            return new OpenAiFailure.SlowDown(reply, sentence, retryAfter);
        }
        return WHOLE_REQUEST.matcher(error.message()).find()
                ? new OpenAiFailure.TooLarge(reply, sentence)
                : new OpenAiFailure.RateLimited(reply, sentence, retryAfter);
    }

    private static OpenAiFailure overloaded(
            OpenAiReply reply, OpenAiError error, String sentence, Optional<Duration> retryAfter) {
        if (LARGER_THAN_BATCH.matcher(error.message()).find()) {
            return badRequest(reply, error, sentence);
        }
        return error.is("slow_down")
                ? new OpenAiFailure.SlowDown(reply, sentence, retryAfter)
                : new OpenAiFailure.ServerTrouble(reply, sentence, retryAfter);
    }

    private OpenAiFailure refused(String what, OpenAiReply reply, OpenAiError error, String sentence) {
        if (WRONG_KEY.matcher(error.message()).find()) {
            return new OpenAiFailure.Unauthorized(reply, unauthorized(what, reply, error));
        }
        if (error.is("model_not_found")) {
            return new OpenAiFailure.NotFound(reply, sentence);
        }
        boolean tooLarge = error.is("max_tokens_per_request")
                || WHOLE_REQUEST.matcher(error.message()).find();
        return tooLarge && !LARGER_THAN_BATCH.matcher(error.message()).find()
                ? new OpenAiFailure.TooLarge(reply, sentence)
                : badRequest(reply, error, sentence);
    }

    private static OpenAiFailure badRequest(OpenAiReply reply, OpenAiError error, String sentence) {
        return new OpenAiFailure.BadRequest(
                reply,
                sentence + advice(error),
                Optional.of(error.param()).filter(param -> !param.isEmpty()),
                input(error),
                isContent(error));
    }

    /** What a person can do, for the end of a sentence. */
    private static String advice(OpenAiError error) {
        if (LARGER_THAN_BATCH.matcher(error.message()).find()) {
            return ": start llama.cpp with a larger --ubatch-size and --batch-size, or " + SHORTER_CHUNKS;
        }
        return isTooLong(error) ? ": " + SHORTER_CHUNKS + " to what the model takes" : "";
    }

    private static boolean isContent(OpenAiError error) {
        return input(error).isPresent()
                || isTooLong(error)
                || UNFIT.matcher(error.message()).find();
    }

    private static boolean isTooLong(OpenAiError error) {
        return error.is("context_length_exceeded")
                || TOO_LONG.matcher(error.message()).find();
    }

    private static OptionalInt input(OpenAiError error) {
        Matcher place = INPUT.matcher(error.param() + " " + error.message());
        return place.find() ? OptionalInt.of(Integer.parseInt(place.group(1))) : OptionalInt.empty();
    }

    private String unauthorized(String what, OpenAiReply reply, OpenAiError error) {
        if (error.is("unsupported_country_region_territory")) {
            return sentence(what, reply, error)
                    + ": the provider does not serve the place that this runner, or its proxy, calls from: run it elsewhere";
        }
        return sentence(what, reply, error) + ": " + endpoint.adviceOnRefusal();
    }

    private String sentence(String what, OpenAiReply reply, OpenAiError error) {
        String message = endpoint.withoutSecrets(error.message());
        return "%s answered %d%s".formatted(what, reply.status(), message.isEmpty() ? "" : " (" + message + ")");
    }
}
