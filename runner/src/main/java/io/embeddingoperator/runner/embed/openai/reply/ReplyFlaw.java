package io.embeddingoperator.runner.embed.openai.reply;

import java.util.Objects;

/** Why a reply that the provider bills cannot be used, or not as a whole. */
public sealed interface ReplyFlaw {
    /** What is wrong with it. */
    String sentence();

    /**
     * What to do where the provider replies so to plain text as well.
     *
     * @param dimensions that were asked for
     */
    String remedy(int dimensions);

    /** It holds no vectors at all. */
    record NoEmbeddings(String sentence) implements ReplyFlaw {
        public NoEmbeddings {
            Objects.requireNonNull(sentence, "sentence");
        }

        @Override
        public String remedy(int dimensions) {
            return "check that spec.embedder.openai.baseUrl serves embeddings and that spec.embedder.openai.model names a"
                    + " model for them";
        }
    }

    /** It does not tell which vector belongs to which text. */
    record Misplaced(String sentence) implements ReplyFlaw {
        public Misplaced {
            Objects.requireNonNull(sentence, "sentence");
        }

        @Override
        public String remedy(int dimensions) {
            return "set spec.embedder.openai.limits.maxRequestTexts to as many texts as the server embeds in one request, 1"
                    + " where it takes a list for one text";
        }
    }

    /** The lines of a document do not stand together, so that its vectors are not found. */
    record Scattered(String sentence) implements ReplyFlaw {
        public Scattered {
            Objects.requireNonNull(sentence, "sentence");
        }

        @Override
        public String remedy(int dimensions) {
            return "the provider promises the order of the requests: ask it for the reason, or set spec.embedder.openai.mode to"
                    + " Realtime";
        }
    }

    /**
     * A vector has another length than was asked for.
     *
     * @param numbers of the vector
     */
    record OtherDimensions(String sentence, long numbers) implements ReplyFlaw {
        public OtherDimensions {
            Objects.requireNonNull(sentence, "sentence");
        }

        @Override
        public String remedy(int dimensions) {
            return ("it gives vectors of %d numbers, and spec.embedder.openai.dimensions is %d: set it to what the model has, or"
                            + " sendDimensions to Always where the model lets one choose")
                    .formatted(numbers, dimensions);
        }
    }

    /** What stands in the place of a vector is none. */
    record NoVector(String sentence) implements ReplyFlaw {
        public NoVector {
            Objects.requireNonNull(sentence, "sentence");
        }

        @Override
        public String remedy(int dimensions) {
            return "check spec.embedder.openai.model and what the server logs, and set spec.embedder.openai.server to what the"
                    + " server is, which decides whether vectors are asked for in base64 or as numbers";
        }
    }

    /** The vectors are good, and what they cost is not told. */
    record UntoldBill() implements ReplyFlaw {
        @Override
        public String sentence() {
            return "it does not tell what was billed (usage.total_tokens), as each reply of such a server does";
        }

        @Override
        public String remedy(int dimensions) {
            return "set spec.embedder.openai.server to what it is, for example LiteLLM for a proxy, and leave out"
                    + " spec.embedder.openai.price";
        }
    }
}
