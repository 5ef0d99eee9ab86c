fn main() {
    coldload::sandbox::init();
}
