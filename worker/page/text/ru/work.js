export default {
    'work.state.CANCELLED': 'Отменена',
    'work.state.FAILURE': 'Ошибка',
    'work.state.PENDING': 'Ожидает',
    'work.state.PROCESSING': 'Выполняется',
    'work.state.SUCCESS': 'Готово',
};
