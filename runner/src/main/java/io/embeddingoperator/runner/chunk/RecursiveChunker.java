package io.embeddingoperator.runner.chunk;

import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text into chunks of at most {@code maxTokens} as the model counts them, at the strongest boundary that leaves a
 * chunk at least half full: paragraph, line, sentence, word, and a token where there is nothing else.
 *
 * <p>The text is tokenized once and cut by token places, so the cost is linear and every chunk knows where it stands. A
 * splitter that works on strings would tokenize each candidate anew and lose the places.
 */
final class RecursiveChunker implements Chunker {
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
    public List<Chunk> chunk(String text) {
        TokenizedDocument document = new TokenizedDocument(text, tokenizer);
        if (document.tokens() == 0) {
            return List.of();
        }
        if (document.tokens() <= contentTokens) {
            TokenizedText whole = tokenizer.tokenize(text);
            if (!whole.truncated() && whole.length() <= maxTokens) {
                return List.of(new Chunk(0, 0, text.length(), whole));
            }
        }
        List<Chunk> chunks = new ArrayList<>();
        int from = 0;
        int covered = 0;
        while (covered < document.tokens()) {
            int to = endOfChunk(document, from, covered);
            Chunk chunk = cut(document, text, chunks.size(), from, to);
            while (tooLong(chunk) && to > covered + 1) {
                to = Math.max(covered + 1, to - Math.max(1, chunk.tokens().length() - maxTokens));
                chunk = cut(document, text, chunks.size(), from, to);
            }
            if (chunk.tokens().length() > tokenizer.overheadTokens()) {
                chunks.add(chunk);
            }
            covered = to;
            from = startOfNext(document, from, covered);
        }
        return chunks;
    }

    /** A chunk's own text can be tokenized into more than its share of the document was, at its very ends. */
    private boolean tooLong(Chunk chunk) {
        return chunk.tokens().truncated() || chunk.tokens().length() > maxTokens;
    }

    /** The token behind the chunk's last, always beyond what is covered already. */
    private int endOfChunk(TokenizedDocument document, int from, int covered) {
        int limit = from + contentTokens;
        if (limit >= document.tokens()) {
            return document.tokens();
        }
        int halfFull = Math.max(covered + 1, from + contentTokens / 2);
        Boundary strongest = Boundary.TOKEN;
        int end = limit;
        for (int at = limit; at >= halfFull; at--) {
            if (document.before(at).compareTo(strongest) > 0) {
                strongest = document.before(at);
                end = at;
            }
        }
        return end;
    }

    /** Where the next chunk starts: back by at most the overlap, at the strongest boundary there, the longest overlap first. */
    private int startOfNext(TokenizedDocument document, int from, int covered) {
        if (overlapTokens == 0 || covered == document.tokens()) {
            return covered;
        }
        int start = covered;
        Boundary strongest = Boundary.TOKEN;
        for (int at = Math.max(from + 1, covered - overlapTokens); at < covered; at++) {
            if (document.before(at).compareTo(strongest) > 0) {
                strongest = document.before(at);
                start = at;
            }
        }
        return start;
    }

    private Chunk cut(TokenizedDocument document, String text, int index, int from, int to) {
        int start = document.start(from);
        int end = document.end(to - 1);
        while (start < end && Character.isWhitespace(text.charAt(start))) {
            start++;
        }
        while (end > start && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        return new Chunk(index, start, end, tokenizer.tokenize(text.substring(start, end)));
    }
}
