import java.util.Objects;

/** Prints one line for each check. */
record Report(String subject) {
    void equal(String what, Object got, Object want) {
        if (Objects.equals(got, want)) {
            System.out.printf("ok   %s: %s%n", subject, what);
        } else {
            System.out.printf("FAIL %s: %s: got %s, want %s%n", subject, what, got, want);
        }
    }

    /** Something that the library is to refuse. */
    interface Attempt {
        void run() throws Exception;
    }

    /** Returns what the library throws, or null. */
    static Exception refusal(Attempt attempt) {
        try {
            attempt.run();
            return null;
        } catch (Exception refused) {
            return refused;
        }
    }
}
