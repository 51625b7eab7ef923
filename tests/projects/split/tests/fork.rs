#[test]
fn the_knight_forks() {
    split::Board::default().fork();
}
