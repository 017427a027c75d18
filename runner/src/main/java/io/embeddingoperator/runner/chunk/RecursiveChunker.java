package io.embeddingoperator.runner.chunk;

import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Cuts a text into chunks of at most {@code maxTokens} as the model counts them, at the strongest boundary that leaves a
 * chunk at least half full: paragraph, line, sentence, word, and a token where there is nothing else. Together they hold all of
 * the text but white space between them.
 *
 * <p>A text that is cut is tokenized once for the places of its tokens, so the cost is linear and every chunk knows where it stands. A
 * splitter that works on strings would tokenize each candidate anew and lose the places. Each chunk is then tokenized as the text
 * that it is: at its ends a tokenizer gives other tokens than in the middle of a longer text. A short text needs the latter alone.
 */
final class RecursiveChunker implements Chunker {
    /** Tokenizers take a word that they do not know for one token, however long it is, and each chunk is tokenized again. */
    private static final int MAX_CHUNK_CHARS = 64 * 1024;

    /** Of English: where a token has fewer, a text of this length that must be cut is tokenized once for nothing. */
    private static final int CHARS_A_TOKEN = 4;

    /** More than a prefix and a text behind it can share: a text that leaves so much room is within the limit by itself. */
    private static final int SPARE_TOKENS = 8;

    private final Tokenizer tokenizer;
    private final int maxTokens;
    private final int contentTokens;
    private final int overlapTokens;

    RecursiveChunker(Tokenizer tokenizer, int maxTokens, int overlapTokens) {
        this.tokenizer = tokenizer;
        this.maxTokens = Math.min(maxTokens, tokenizer.maxTokens());
        this.contentTokens = this.maxTokens - tokenizer.overheadTokens();
        this.overlapTokens = overlapTokens;
        if (contentTokens <= overlapTokens) {
            throw new SpecificationException(
                    ("spec.chunking: of maxTokens (%d) the model's special tokens and the prefix take %d, which leaves %d"
                                    + " for text, not more than overlapTokens (%d): raise maxTokens or lower overlapTokens")
                            .formatted(this.maxTokens, tokenizer.overheadTokens(), contentTokens, overlapTokens));
        }
    }

    @Override
    public String fingerprint() {
        return "Recursive/%d/%d".formatted(maxTokens, overlapTokens);
    }

    @Override
    public List<TokenizedText> chunk(String text) {
        if (text.length() <= CHARS_A_TOKEN * contentTokens) {
            TokenizedText whole = tokenizer.tokenize(text);
            // A single token may stand for a text in which there is nothing.
            if (!whole.truncated()
                    && whole.length() > tokenizer.overheadTokens() + 1
                    && whole.length() <= maxTokens - SPARE_TOKENS) {
                return List.of(whole);
            }
        }
        TokenizedDocument document = new TokenizedDocument(text, tokenizer);
        if (document.tokens() == 0) {
            return List.of();
        }
        if (document.tokens() <= contentTokens) {
            TokenizedText whole = tokenizer.tokenize(text);
            if (!whole.truncated() && whole.length() <= maxTokens) {
                return List.of(whole);
            }
        }
        List<TokenizedText> chunks = new ArrayList<>();
        int from = 0;
        int covered = 0;
        while (covered < document.tokens()) {
            int to = endOfChunk(document, from, covered);
            TokenizedText chunk = document.part(from, to);
            // Twice as much less each time, so that a chunk is tokenized a few times at the most.
            for (int less = 1; tooLong(chunk); less *= 2) {
                int excess = chunk.length() - maxTokens;
                OptionalInt shorter = document.lastCut(to - Math.max(less, excess), covered);
                if (shorter.isEmpty()) {
                    break;
                }
                to = shorter.getAsInt();
                chunk = document.part(from, to);
            }
            if (chunk.start() < chunk.end()) {
                chunks.add(chunk);
            }
            covered = to;
            from = startOfNext(document, from, covered);
        }
        return chunks;
    }

    /** A chunk's own text can be tokenized into more than its share of the document was, at its very ends. */
    private boolean tooLong(TokenizedText chunk) {
        return chunk.truncated() || chunk.length() > maxTokens;
    }

    /** The token behind the chunk's last, always beyond what is covered already. */
    private int endOfChunk(TokenizedDocument document, int from, int covered) {
        int limit = limit(document, from, covered);
        if (limit == document.tokens()) {
            return limit;
        }
        int halfFull = Math.max(covered + 1, from + (limit - from) / 2);
        Boundary strongest = Boundary.CODE_POINT;
        int end = limit;
        for (int at = limit; at >= halfFull; at--) {
            if (document.before(at).compareTo(strongest) > 0) {
                strongest = document.before(at);
                end = at;
            }
        }
        return strongest == Boundary.CODE_POINT
                ? document.lastCut(limit, covered).orElseGet(() -> document.nextCut(limit))
                : end;
    }

    /** The last token in front of which the chunk can end, by its tokens and by its chars. */
    private int limit(TokenizedDocument document, int from, int covered) {
        int limit = Math.min(from + contentTokens, document.tokens());
        while (limit > covered + 1 && document.cut(limit) - document.cut(from) > MAX_CHUNK_CHARS) {
            limit--;
        }
        return limit;
    }

    /** Where the next chunk starts: back by at most the overlap, at the strongest boundary there, the longest overlap first. */
    private int startOfNext(TokenizedDocument document, int from, int covered) {
        if (overlapTokens == 0 || covered == document.tokens()) {
            return covered;
        }
        int start = covered;
        Boundary strongest = Boundary.TOKEN;
        for (int at = Math.max(from + 1, covered - overlapTokens); at < covered; at++) {
            boolean isNear = document.cut(covered) - document.cut(at) <= MAX_CHUNK_CHARS / 2;
            if (isNear && document.before(at).compareTo(strongest) > 0) {
                strongest = document.before(at);
                start = at;
            }
        }
        return start;
    }
}
